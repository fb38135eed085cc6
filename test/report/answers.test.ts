import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openLedger } from '../../src/judges/llm/ledger.ts'
import { withAnswers } from '../../src/report/sections/answers.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { sampleReport } from './sample.ts'

const { inspector } = sampleReport()
const sample = inspector!.sample.map(({ answer: _, ...user }) => user)
const given = { ...inspector!, sample }
const provenance = { judge: 'chat', options: { llmModel: 'm', mode: 'user' }, seed: 1 }

/** A run's ledger with these answers. */
async function ledgerOf(
  answers: readonly { user: string | number; items: readonly number[]; model?: string; mode?: string; body: string }[],
): Promise<string> {
  const directory = await temporaryDirectory()
  const ledger = await openLedger(join(directory, 'ledger'))
  const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1 }
  for (const [number, { user, items, model = 'm', mode = 'user', body }] of answers.entries()) {
    const worst = { promptTokens: 1, completionTokens: 1 }
    const id = `prompt ${number}`
    ledger.claim([{ id, model, mode, template: 't', user, items, historyKept: 2, historyOf: 2, worst }])
    const reply = { kind: 'completion', truncated: false, endpoint: 'e', usage, seconds: 1, body } as const
    expect(ledger.record([{ id, attempt: 1, model, ...reply }])).toBe(1)
  }
  ledger.close()
  return directory
}

const completion = (content: string) => JSON.stringify({ choices: [{ message: { content } }] })
const answersOf = async (directory: string, of = provenance) =>
  (await withAnswers(given, directory, of)).sample.map(({ answer }) => answer)

it('shows the words of every answer about a user’s candidates, or the reply when it is none', async () => {
  const directory = await ledgerOf([
    { user: 8779, items: [15139, 15141], body: completion('[{"label": "positive"}]') },
    { user: 8779, items: [15143], body: '<html>502</html>' },
    { user: 9001, items: [15142], body: completion('x'.repeat(3000)) },
    { user: 'n/a', items: [15138], body: completion('about an item that is no candidate') },
  ])
  const [first, second, third] = await answersOf(directory)
  expect(first).toBe('15139, 15141:\n[{"label": "positive"}]\n\n15143:\n<html>502</html>')
  expect(second).toHaveLength(2000 + ' … (cut here)'.length)
  expect(third).toBeUndefined()
})

it('leaves out answers of another model or mode, and of judges that do not ask', async () => {
  const body = completion('positive')
  const directory = await ledgerOf([
    { user: 8779, items: [15139], model: 'other', body },
    { user: 9001, items: [15142], mode: 'pair', body },
  ])
  const none = [undefined, undefined, undefined]
  expect(await answersOf(directory)).toEqual(none)
  expect(await answersOf(directory, { ...provenance, options: { llmModel: 'm', mode: 'pair' } })).toEqual([
    undefined,
    '15142:\npositive',
    undefined,
  ])
  expect(await withAnswers(given, directory, { ...provenance, options: {} as never })).toBe(given)
  expect(await withAnswers(given, await temporaryDirectory(), provenance)).toBe(given)
})
