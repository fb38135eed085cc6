import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { openLedger } from '../../src/judges/llm/ledger.ts'
import type { AskedPrompt, NewAnswer } from '../../src/judges/llm/ledger-records.ts'
import { temporaryDirectory } from '../support/directory.ts'

const prompt = (id: string, tokens = 10): AskedPrompt => ({
  id,
  model: 'tiny',
  mode: 'user',
  template: 't',
  user: 'u1',
  items: ['i1', 'i2'],
  historyKept: 3,
  historyOf: 5,
  worst: { promptTokens: tokens, completionTokens: 1 },
})
const answer = (id: string, attempt = 1, body = `answer ${attempt} to ${id}`): NewAnswer => ({
  id,
  attempt,
  model: 'tiny',
  kind: 'completion',
  truncated: false,
  endpoint: 'http://x',
  usage: { promptTokens: 7, cachedTokens: 2, completionTokens: 3 },
  seconds: 0.5,
  body,
})

describe('damage to files', () => {
  /** A ledger as a killed process leaves it: three answers, each a commit in its write-ahead log. */
  async function killed(withIndex = false) {
    const folder = await temporaryDirectory()
    const ledger = await openLedger(folder)
    for (const id of ['a', 'b', 'c']) ledger.record([answer(id)])
    const copy = await temporaryDirectory()
    for (const name of ['', '-wal', ...(withIndex ? ['-shm'] : [])])
      copyFileSync(join(folder, `ledger.sqlite${name}`), join(copy, `ledger.sqlite${name}`))
    ledger.close()
    return copy
  }
  const answersIn = async (folder: string) => {
    const ledger = await openLedger(folder)
    const states = ['a', 'b', 'c'].map(id => ledger.state(id)?.attempt)
    ledger.close()
    return states
  }

  it('of the log that loses answers is said once, and what is before it stays; a log that is whole, or cut between commits, is silent', async () => {
    expect(await answersIn(await killed())).toEqual([1, 1, 1])
    for (const [share, withIndex] of [0.2, 0.6, 0.95].flatMap(
      share =>
        [
          [share, false],
          [share, true],
        ] as const,
    )) {
      const folder = await killed(withIndex)
      const path = join(folder, 'ledger.sqlite-wal')
      const bytes = readFileSync(path)
      bytes[Math.floor(share * bytes.length)] ^= 4
      writeFileSync(path, bytes)
      await expect(openLedger(folder)).rejects.toThrow(
        /ledger\.sqlite-wal was damaged: its last answers are lost; start the same command again/,
      )
      expect((await answersIn(folder))[2]).toBeUndefined()
    }
  })

  it('is not what a killed process left of a commit that never was, over which another one wrote', async () => {
    const folder = await temporaryDirectory()
    const path = (from: string, name: string) => join(from, `ledger.sqlite${name}`)
    const copies = async () => {
      const copy = await temporaryDirectory()
      for (const name of ['', '-wal', '-shm']) copyFileSync(path(folder, name), path(copy, name))
      return copy
    }
    const ledger = await openLedger(folder)
    ledger.record([answer('a')])
    const before = await copies()
    ledger.record(['b', 'c', ...Array.from({ length: 500 }, (_, at) => `d${at}`)].map(id => answer(id)))
    const killed = readFileSync(path(folder, '-wal'))
    ledger.close()
    const other = await openLedger(before)
    other.record([answer('b')])
    const written = readFileSync(path(before, '-wal'))
    for (const name of ['', '-wal', '-shm']) copyFileSync(path(before, name), path(folder, name))
    other.close()
    expect(killed.length).toBeGreaterThan(written.length)
    expect(killed.subarray(0, 32)).toEqual(written.subarray(0, 32))
    writeFileSync(path(folder, '-wal'), Buffer.concat([written, killed.subarray(written.length)]))
    expect(await answersIn(folder)).toEqual([1, 1, undefined])
  })

  it('of the counts of a job: they are made anew', async () => {
    const folder = await temporaryDirectory()
    const ledger = await openLedger(folder)
    const counts = { prompts: 9, done: 7, positive: 3, negative: 4, invalid: 0, faults: {} }
    ledger.setJob('job', counts, 0)
    expect(ledger.job('job')).toEqual(counts)
    const database = new DatabaseSync(join(folder, 'ledger.sqlite'))
    database.exec(`UPDATE jobs SET counts = replace(counts, '"done":7', '"done":9')`)
    expect(ledger.job('job')).toBeUndefined()
    database.close()
    ledger.close()
  })

  it.each([
    ...['answers', 'microseconds', 'prompt_tokens', 'cached_tokens', 'completion_tokens', 'batch_prompt_tokens', 'faults', 'check_sum'].flatMap(
      column => [1, 2 ** 40].map(bit => `UPDATE totals SET ${column} = ${column} + ${bit}`),
    ),
    'UPDATE totals SET answers = 1e300',
    "UPDATE OR REPLACE totals SET model = 'tinx'",
    'UPDATE fault_totals SET count = count - 1',
    "UPDATE fault_totals SET kind = 'resex' WHERE kind = 'reset'",
    "UPDATE OR REPLACE fault_totals SET model = 'tinx'",
    'DELETE FROM totals',
  ])('of sums by %s: they are made anew from the answers, before and after others are added', async change => {
    const folder = await temporaryDirectory()
    const ledger = await openLedger(folder)
    const fault = { id: 'a', model: 'tiny', endpoint: 'x', detail: '', worst: { promptTokens: 100, completionTokens: 9 } }
    ledger.record([answer('a')])
    for (const kind of ['reset', 'reset', 'timeout']) ledger.addFault({ ...fault, kind })
    const said = (own: typeof ledger) => [own.spending('tiny'), own.faults('tiny')]
    const sound = said(ledger)
    expect(sound).toMatchObject([{ answers: 1, seconds: 0.5, spent: { promptTokens: 307 } }, { reset: 2, timeout: 1 }])
    const database = new DatabaseSync(join(folder, 'ledger.sqlite'))
    database.exec(change)
    expect(said(ledger)).toEqual(sound)
    database.exec(change)
    database.close()
    ledger.record([{ ...answer('b'), endpoint: 'batch:x' }])
    ledger.close()
    const again = await openLedger(folder)
    expect(said(again)).toMatchObject([
      { answers: 2, seconds: 1, spent: { promptTokens: 314, cachedTokens: 4, completionTokens: 33 }, inBatches: { promptTokens: 7 } },
      { reset: 2, timeout: 1 },
    ])
    again.close()
  }) // biome-ignore format: columns

  it.each(['a directory', 'a damaged schema'])('%s in its place is one line', async what => {
    const folder = await temporaryDirectory()
    const path = join(folder, 'ledger.sqlite')
    if (what === 'a directory') mkdirSync(path)
    else {
      await openLedger(folder).then(ledger => ledger.close())
      writeFileSync(path, readFileSync(path, 'latin1').replaceAll('owner TEXT', 'ovner TEXT'), 'latin1')
    }
    await expect(openLedger(folder)).rejects.toThrow(/ledger\.sqlite: cannot be used as a ledger of answers: /)
  })
})

describe('claims', () => {
  it('give a prompt to one process, until it answers, gives it back or ends', async () => {
    const folder = await temporaryDirectory()
    const [one, other] = [await openLedger(folder), await openLedger(folder)]
    expect(one.claim([prompt('a'), prompt('b')]).claimed).toEqual([
      { id: 'a', attempt: 1 },
      { id: 'b', attempt: 1 },
    ])
    expect(other.claim([prompt('a'), prompt('b'), prompt('c')])).toEqual({
      claimed: [{ id: 'c', attempt: 1 }],
      elsewhere: ['a', 'b'],
    })
    expect(one.record([answer('a')])).toBe(1)
    one.release(['b'])
    expect(other.claim([prompt('a'), prompt('b')])).toEqual({ claimed: [{ id: 'b', attempt: 1 }], elsewhere: [] })
    other.close()
    expect(one.claim([prompt('b'), prompt('c')]).claimed).toHaveLength(2)
    one.close()
    expect(readdirSync(join(folder, 'at-work'))).toEqual([])
  })

  it('keep to a budget, with what is reserved by all', async () => {
    const folder = await temporaryDirectory()
    const [one, other] = [await openLedger(folder), await openLedger(folder)]
    const within = (most: number) => (spending: ReturnType<typeof one.spending>) =>
      spending.spent.promptTokens + spending.reserved.promptTokens <= most
    expect(one.claim([prompt('a'), prompt('b'), prompt('c')], within(25))).toMatchObject({
      claimed: [{ id: 'a' }, { id: 'b' }],
      refused: 'c',
    })
    expect(other.claim([prompt('d')], within(25))).toMatchObject({ claimed: [], refused: 'd' })
    expect(one.record([answer('a'), answer('b')])).toBe(2)
    expect(other.claim([prompt('d')], within(25))).toMatchObject({ claimed: [{ id: 'd' }] })
    one.close()
    other.close()
  })
})

it('what a process had reserved is free when it has ended', async () => {
  const folder = await temporaryDirectory()
  const ledger = await openLedger(folder)
  const database = new DatabaseSync(join(folder, 'ledger.sqlite'))
  database.exec("INSERT INTO leases VALUES ('a', 'ended', 'tiny', 1000, 1000)")
  const fits = ({ reserved }: ReturnType<typeof ledger.spending>) => reserved.promptTokens <= 15
  expect(ledger.spending('tiny').reserved.promptTokens).toBe(1000)
  expect(ledger.claim([prompt('b')], fits)).toEqual({ claimed: [{ id: 'b', attempt: 1 }], elsewhere: [] })
  expect(ledger.spending('tiny').reserved.promptTokens).toBe(10)
  database.exec("INSERT INTO leases VALUES ('c', 'ended too', 'tiny', 1000, 1000)")
  database.close()
  ledger.sweep()
  expect(ledger.spending('tiny').reserved.promptTokens).toBe(10)
  ledger.close()
})

it('answers are kept once an attempt, byte for byte, and a retry adds another', async () => {
  const ledger = await openLedger()
  const body = '{"é": "\u{1F600}"}\n'
  expect(ledger.record([answer('a', 1, body)])).toBe(1)
  expect(ledger.record([answer('a', 1, 'something else')])).toBe(0)
  expect(ledger.body('a')).toBe(body)
  expect(ledger.state('a')).toEqual({ attempt: 1, kind: 'completion', truncated: false, retry: false })
  ledger.retry('a')
  ledger.retry('never asked')
  expect(ledger.state('a')).toMatchObject({ retry: true })
  expect(ledger.claim([prompt('a')]).claimed).toEqual([{ id: 'a', attempt: 2 }])
  ledger.record([answer('a', 2)])
  expect(ledger.body('a')).toBe('answer 2 to a')
  expect(ledger.state('a')).toMatchObject({ attempt: 2, retry: false })
  expect(ledger.spending('tiny')).toMatchObject({
    answers: 2,
    seconds: 1,
    spent: { promptTokens: 14, cachedTokens: 4, completionTokens: 6 },
  })
  ledger.addFault({
    id: 'a',
    model: 'tiny',
    endpoint: 'x',
    kind: 'timeout',
    detail: 'late',
    worst: { promptTokens: 100, completionTokens: 9 },
  })
  expect(ledger.spending('tiny').spent).toEqual({ promptTokens: 114, cachedTokens: 4, completionTokens: 15 })
  expect(ledger.faults('tiny')).toEqual({ timeout: 1 })
  expect([...ledger.answered()]).toEqual([{ id: 'a', model: 'tiny', mode: 'user', user: 'u1', items: ['i1', 'i2'] }])
  ledger.close()
})

it('nothing can change or take away an answer', async () => {
  const folder = await temporaryDirectory()
  const ledger = await openLedger(folder)
  ledger.record([answer('a')])
  ledger.close()
  const database = new DatabaseSync(join(folder, 'ledger.sqlite'))
  for (const statement of ["UPDATE answers SET body = ''", 'DELETE FROM answers'])
    expect(() => database.exec(statement)).toThrow('answers are only added')
  database.close()
})

it('refuses a file that is no ledger, or one of another version', async () => {
  const folder = await temporaryDirectory({ 'ledger.sqlite': 'not a database, but long enough to be looked at as one' })
  await expect(openLedger(folder)).rejects.toThrow(/ledger\.sqlite: cannot be used as a ledger of answers: /)
  const newer = await temporaryDirectory()
  const database = new DatabaseSync(join(newer, 'ledger.sqlite'))
  database.exec('PRAGMA user_version = 99')
  database.close()
  await expect(openLedger(newer)).rejects.toThrow(
    'a ledger of version 99, this dualtree knows 3: use the version of dualtree that wrote it',
  )
})

describe('damage', () => {
  const damaged = async (change: string) => {
    const folder = await temporaryDirectory()
    const ledger = await openLedger(folder)
    ledger.claim([prompt('a')])
    ledger.record([answer('a')])
    ledger.close()
    const database = new DatabaseSync(join(folder, 'ledger.sqlite'))
    database.exec(`DROP TRIGGER answers_stay; ${change}`)
    database.close()
    return openLedger(folder)
  }

  it.each([
    'body = zeroblob(9)',
    'truncated = 1',
    'completion_tokens = 4',
    "custom_id = custom_id, kind = 'overflow'",
    "body = (SELECT body FROM answers) || x'00', digest = x'00'",
  ])('an answer with %s is none, is told, and is asked for again', async change => {
    const ledger = await damaged(`UPDATE answers SET ${change}`)
    expect([ledger.damaged(), ledger.body('a'), ledger.damaged()]).toEqual([0, undefined, 1])
    expect(ledger.claim([prompt('a')]).claimed).toEqual([{ id: 'a', attempt: 2 }])
    ledger.record([answer('a', 2)])
    expect([ledger.body('a'), ledger.damaged()]).toEqual(['answer 2 to a', 1])
    ledger.close()
  })

  it('of whom a prompt was asked for ends the reading', async () => {
    const ledger = await damaged(`UPDATE asked SET item_ids = '["i1","i3"]'`)
    expect(() => [...ledger.answered()]).toThrow(
      /the row about prompt a is damaged: whom it was asked for is not known/,
    )
    ledger.close()
  })
})

it.each([
  [1, ''],
  [
    2,
    `ALTER TABLE asked ADD COLUMN digest BLOB; ALTER TABLE answers ADD COLUMN digest BLOB; PRAGMA user_version = 2;
     CREATE TABLE fault_totals (model TEXT, kind TEXT, count INTEGER); INSERT INTO fault_totals VALUES ('tiny', 'reset', 2)`,
  ],
])('a ledger of version %i is gone on with', async (_, changes) => {
  const folder = await temporaryDirectory()
  const old = new DatabaseSync(join(folder, 'ledger.sqlite'))
  old.exec(readFileSync(join(import.meta.dirname, 'ledger-1.sql'), 'utf8') + changes)
  old.close()
  const ledger = await openLedger(folder)
  expect(ledger.body('a')).toBe('an old answer')
  expect(ledger.faults('tiny')).toEqual({ reset: 2, timeout: 1 })
  ledger.record([{ ...answer('b'), endpoint: 'batch:x' }])
  expect(ledger.spending('tiny')).toMatchObject({
    answers: 2,
    spent: { promptTokens: 17, completionTokens: 8 },
    inBatches: { promptTokens: 7, completionTokens: 3 },
  })
  expect([...ledger.answered()]).toHaveLength(1)
  ledger.close()
})
