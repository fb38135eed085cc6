/** Words between blanks: tables as terminals print them, many columns of numbers, and lists whose entries are more than ids. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadDataset } from '../../src/dataset/load.ts'
import { temporaryDirectory } from '../support/directory.ts'

/** 12 users with 5 of 11 items each. */
const PAIRS = Array.from({ length: 60 }, (_, row) => [1 + (row % 12), (5 * row) % 11] as const)
const rows = (write: (user: number, item: number, row: number) => string, from = 0, to = 60) =>
  PAIRS.slice(from, to)
    .map(([user, item], row) => `${write(user, item, from + row)}\n`)
    .join('')
const lists = (write: (user: number, items: number[]) => string) =>
  Array.from({ length: 12 }, (_, user) => user + 1)
    .map(user => `${write(user, PAIRS.filter(([own]) => own === user).map(([, item]) => item))}\n`) // biome-ignore format: one line
    .join('')

async function read(content: string, options: object = {}) {
  const path = join(await temporaryDirectory({ 'a.txt': content }), 'a.txt')
  const { dataset, report } = await loadDataset(path, options)
  return { dataset, words: report.decisions.join('\n') }
}

describe('tables as they are printed', () => {
  const line = (u: number, i: number) => `${String(u).padStart(10)} ${String(i).padStart(10)}`
  const head = '   USER_ID    ITEM_ID\n---------- ----------\n'

  it.each([
    ['pages with a header each', `\n${head}${rows(line, 0, 30)}\n${head}${rows(line, 30)}\n60 rows selected.\n`],
    ['a ruler below the names', `user_id  item_id\n-------  -------\n${rows((u, i) => `${u}        ${i}`)}`],
    ['rows with their numbers', `     user_id  item_id\n${rows((u, i, r) => `${r}    ${u}        ${i}`)}`],
  ])('%s', async (_, content) => {
    const { dataset, words } = await read(content)
    expect(dataset).toMatchObject({ users: 12, items: 11, interactions: 60 })
    expect(dataset.userIds.ids[0]).toBe(1)
    expect(words).toContain('60 rows, all read')
  })
})

describe('lines of many numbers', () => {
  it('with times in a column are rows, though users with lists as long would come again too', async () => {
    const table = await read(rows((u, i, r) => `${u}\t${i}\t${i + 200}\t${r + 300}\t${1_600_000_000 + 60 * r}`))
    expect(table.words).toContain('columns "0" (user), "1" (item), "4" (time)')
    const sessions = await read(rows((u, i) => `${u} ${i} ${50 + i} ${i + 30} ${70 + i}`))
    expect(sessions.words).toContain('its lines are lists of ids')
  })

  it('of a few sizes are a column per item', async () => {
    const matrix = rows((_, i, r) => Array.from({ length: 30 }, (_, at) => (i * at + r) % 6).join(' '))
    await expect(read(matrix)).rejects.toThrow('a table with a column per item needs a row per user and item instead')
  })
})

describe('lists', () => {
  it('behind a user with a colon, as long as each other and with commas', async () => {
    const { dataset, words } = await read(lists((user, items) => `${user}: ${items.join(', ')}`))
    expect(words).toContain('its lines are lists of ids')
    expect(dataset).toMatchObject({ users: 12, items: 11, interactions: 60 })
  })

  it('of items with weights are refused', async () => {
    const weighted = lists((user, items) => `u${user},${items.map(item => `i${item}:${(user * item) % 4}`).join(',')}`)
    await expect(read(weighted)).rejects.toThrow('a.txt: lists of items with weights, such as "i0:0"; write a row of user, item and weight for each, and name it with --weight') // biome-ignore format: one line
  })
})
