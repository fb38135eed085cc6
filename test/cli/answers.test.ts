import { describe, expect, it } from 'vitest'
import { formatAnswers } from '../../src/cli/shared/answers.ts'
import { runHere } from '../support/cli.ts'

const titles = ['=HYPERLINK("http://x")', '+cmd', '@sum', '\tx', 'plain', 'a=b']
const items = titles.map((title, at) => ({ item: `-i${at}`, title, score: -1 - at }))
const answer = { requestId: 'r', model: 'm', by: 'user' as const, items: [...items, { item: -5, score: -9 }] }

describe('answers as CSV', () => {
  it('are left as they are', () => {
    const lines = formatAnswers([{ who: '-1', answer }], 'csv').split('\n')
    expect(lines[0]).toBe('for,by,rank,item,title,score')
    expect(lines[1]).toBe('-1,user,1,-i0,"=HYPERLINK(""http://x"")",-1.0000')
  })

  it('hold no formula when they are to be safe in a spreadsheet', () => {
    const [, ...lines] = formatAnswers([{ who: '-1', answer }], 'csv', true).split('\n')
    expect(lines[0]).toBe(`-1,user,1,'-i0,"'=HYPERLINK(""http://x"")",-1.0000`)
    expect(lines.map(line => line.split(',').at(-2))).toEqual([
      `"'=HYPERLINK(""http://x"")"`,
      "'+cmd",
      "'@sum",
      "'\tx",
      'plain',
      'a=b',
      '',
    ])
    // numbers are no formulas
    expect(lines.at(-1)).toBe('-1,user,7,-5,,-9.0000')
  })

  it('--csv-safe without CSV is refused', async () => {
    const { code, stderr } = await runHere(['recommend', 'runs/none', '--user', '1', '--csv-safe'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'error: --csv-safe goes with --format csv\n' })
  })
})
