import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { askAll } from '../../src/judges/llm/asking.ts'
import { badAnswers, markForRetry, suggestRetries } from '../../src/judges/llm/faults.ts'
import { type JudgeSession, withSession } from '../../src/judges/llm/llm-judge.ts'
import { promptOptions } from '../../src/judges/llm/prompt-options.ts'
import { countJob } from '../../src/judges/llm/status.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { askingOptions } from '../../src/llm/asking-options.ts'
import type { ChatServerOptions } from '../support/chat-server.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { startChatServer } from '../support/serving.ts'
import { randomDataset } from '../support/toy.ts'

const train = randomDataset(40, 60, 0.08)
const candidates = randomCandidates(train, 6)
const codes = randomCodes(train.items)

async function job(misdeed: NonNullable<ChatServerOptions['misdeed']>) {
  const server = await startChatServer({ misdeed })
  const folder = await temporaryDirectory()
  const context = { train, codes, kernels: createKernels(), seed: 1, folder }
  const inSession = <T>(body: (session: JudgeSession) => Promise<T> | T) =>
    withSession(context, promptOptions.parse({ llmModel: 'tiny' }), candidates, body)
  const options = askingOptions.parse({ baseUrl: [server.url], failOnError: 1 })
  const ask = () => inSession(session => askAll({ session, options, seed: 1 }))
  return { server, folder, ask, inSession }
}

describe('the counts that a ledger keeps', () => {
  it('are those of reading every answer: after asking, and after a retry', async () => {
    let broken = true
    const { ask, inSession } = await job(({ number }) =>
      broken ? (['empty', 'length', undefined, { status: 400 }, 'refusal'] as const)[number % 5] : undefined,
    )
    await ask()
    const both = () =>
      inSession(async session => {
        const kept = session.ledger.job(session.job)
        // forgets all counts
        session.ledger.retry('never asked')
        expect(session.ledger.job(session.job)).toBeUndefined()
        return { kept, read: await countJob(session) }
      })
    const first = await both()
    expect(first.kept).toEqual(first.read)
    expect(first.read).toMatchObject({ prompts: 39, done: 39, faults: { empty: expect.any(Number) } })
    expect(first.read.invalid).toBeGreaterThan(20)
    broken = false
    expect(await inSession(session => markForRetry(session, 'invalid'))).toBeGreaterThan(10)
    await ask()
    const second = await both()
    expect(second.kept).toEqual(second.read)
    expect(second.read.invalid).toBeLessThan(first.read.invalid)
    expect(Object.keys(second.read.faults).sort()).toEqual(['error', 'truncated'])
  })

  it('do not outlive a damaged answer, which is asked for again', async () => {
    const { ask, inSession, folder, server } = await job(() => undefined)
    await ask()
    const database = new DatabaseSync(join(folder, 'ledger.sqlite'))
    database.exec("DROP TRIGGER answers_stay; UPDATE answers SET body = x'00' WHERE number IN (3, 5)")
    database.close()
    const counts = await inSession(session => {
      session.ledger.retry('never asked')
      return countJob(session)
    })
    expect(counts).toMatchObject({ prompts: 39, done: 37 })
    await ask()
    expect(server.requests).toHaveLength(41)
    expect(await inSession(countJob)).toMatchObject({ done: 39, invalid: 0 })
  })
})

describe('bad answers', () => {
  it('are shown word for word, by kind, with what helps', async () => {
    const { ask, inSession } = await job(({ number }) => (number % 2 ? 'empty' : { status: 400 }))
    await ask()
    const [all, errors] = await Promise.all(
      (['all', 'errors'] as const).map(kind => inSession(session => badAnswers(session, kind, 5))),
    )
    expect(all).toHaveLength(5)
    expect(errors).toHaveLength(5)
    expect(errors[0]).toMatchObject({ fault: 'error', answer: 'scripted 400', prompt: { user: expect.any(String) } })
    expect(all.find(({ fault }) => fault === 'empty')!.answer).toContain('"content":""')
  })

  it('come with the commands that ask again, the most frequent first', () => {
    expect(suggestRetries('runs/a', { error: 1, truncated: 7 })).toEqual([
      '7 truncated: "dualtree judge retry runs/a --only truncated" asks again with room for twice the answer; raise --max-output-tokens, or switch thinking off with --parameters vllm or --reasoning-effort',
      '1 error: "dualtree judge retry runs/a --only errors" asks again; see what the server says',
    ])
  })
})
