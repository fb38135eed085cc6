import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { createDataset, createVocabulary } from '../../src/dataset/dataset.ts'
import { judges } from '../../src/judges/index.ts'
import { INVALID, type JudgeContext } from '../../src/judges/judge.ts'
import { writeVerdicts } from '../../src/judges/verdict-file.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { randomCandidates, randomCodes } from '../support/judging.ts'
import { startChatServer } from '../support/serving.ts'
import { randomDataset } from '../support/toy.ts'

const train = randomDataset(20, 40, 0.1)
const candidates = randomCandidates(train, 5)
const context: JudgeContext = { train, codes: randomCodes(train.items), kernels: createKernels(), seed: 1 }
const replay = (options: object, from = context) => judges.get('replay').create(from, options).judge(candidates)

it('gives the verdicts of a file again, by user and item; what is not there is invalid', async () => {
  const verdicts = await judges.get('prefix').create(context, { minPrefix: 2 }).judge(candidates)
  const from = join(await temporaryDirectory(), 'verdicts.parquet')
  await writeVerdicts(from, train, candidates, verdicts)
  const again = await replay({ from })
  expect(again.labels).toEqual(verdicts.labels)
  expect(again.confidence).toEqual(verdicts.confidence)

  const first = { k: 5, items: candidates.items.map((item, place) => (place < 5 ? item : -1)) }
  await writeVerdicts(from, train, first, verdicts)
  const { labels, provenance } = await replay({ from })
  expect(labels.subarray(0, 5)).toEqual(verdicts.labels.subarray(0, 5))
  expect(labels.subarray(5).filter(label => label >= 0)).toHaveLength(0)
  expect(provenance.details).toEqual({ missing: labels.filter(label => label === INVALID).length })
})

it('takes verdicts of your own as CSV; a confidence that is missing is 1', async () => {
  const [user, item] = [0, candidates.items[0]]
  const csv = (rows: string) => temporaryDirectory({ 'own.csv': rows }).then(folder => join(folder, 'own.csv'))
  const from = await csv(`user_id,item_id,verdict\n${user},${item},Positive\n`)
  const { labels, confidence } = await replay({ from })
  expect([labels[0], confidence[0]]).toEqual([1, 1])
  const weighed = await csv(`user_id,item_id,verdict,confidence\n${user},${item},positive,0.25\n`)
  expect((await replay({ from: weighed })).confidence[0]).toBe(0.25)
  const twice = (second: string) =>
    csv(`user_id,item_id,verdict\n${user},${item},positive\n${user},${item},${second}\n`)
  expect((await replay({ from: await twice('positive') })).labels[0]).toBe(1)
  await expect(replay({ from: await twice('negative') })).rejects.toThrow(
    `own.csv row 2: user ${user} and item ${item} have another verdict in row 1; keep one of them`,
  )
  const bad = (rows: string) => csv(rows).then(path => replay({ from: path }))
  await expect(bad(`user_id,item_id,verdict\n${user},${item},yes\n`)).rejects.toThrow(
    'own.csv row 1: expected "positive", "negative" or "invalid" in column "verdict", found "yes"',
  )
  await expect(bad(`user_id,item_id,verdict,confidence\n${user},${item},positive,7\n`)).rejects.toThrow(
    'own.csv row 1: expected 0 to 1 in column "confidence", found "7"',
  )
  await expect(bad(`user_id,item_id\n${user},${item}\n`)).rejects.toThrow(
    'own.csv: expected the columns user_id, item_id, verdict, found user_id, item_id; rename or add verdict',
  )
})

it('gives what a ledger answers, of the model that is named', async () => {
  const folder = await temporaryDirectory()
  const from = join(folder, 'ledger.sqlite')
  const [loose, strict] = await Promise.all([startChatServer(), startChatServer({ minPrefix: 3 })])
  const ask = (llmModel: string, url: string) =>
    judges
      .get('chat')
      .create({ ...context, folder }, { llmModel }, { baseUrl: [url] })
      .judge(candidates)
  const first = await ask('loose', loose.url)
  expect((await replay({ from })).labels).toEqual(first.labels)
  const second = await ask('strict', strict.url)
  expect(second.labels).not.toEqual(first.labels)
  expect((await replay({ from, fromModel: 'strict' })).labels).toEqual(second.labels)
  await expect(replay({ from })).rejects.toThrow(`${from} has answers of loose, strict: say whose with --from-model`)
  await expect(replay({ from, fromModel: 'x' })).rejects.toThrow(
    `${from} has answers of loose, strict: say whose with --from-model, not "x"`,
  )
})

it('refuses a ledger that ends early, in one line', async () => {
  const folder = await temporaryDirectory()
  const from = join(folder, 'ledger.sqlite')
  const { url } = await startChatServer()
  await judges
    .get('chat')
    .create({ ...context, folder }, { llmModel: 'm' }, { baseUrl: [url] })
    .judge(candidates)
  const database = new DatabaseSync(from)
  const { root } = database.prepare("SELECT rootpage AS root FROM sqlite_schema WHERE name = 'answers'").get() as {
    root: number
  }
  database.close()
  const bytes = readFileSync(from)
  bytes.fill(0xff, (root - 1) * 4096, root * 4096)
  writeFileSync(from, bytes)
  await expect(replay({ from })).rejects.toThrow(
    /: the ledger cannot be used \(.*malformed.*\): .* move ledger.sqlite away/,
  )
})

it('hangs on the log of a ledger, too, where there is one', async () => {
  const folder = await temporaryDirectory({ 'ledger.sqlite': 'x', 'verdicts.csv': 'x', 'verdicts.csv-wal': 'y' })
  const inputs = (name: string) => judges.get('replay').inputs!({ from: join(folder, name) })
  const alone = await inputs('ledger.sqlite')
  writeFileSync(join(folder, 'ledger.sqlite-wal'), 'answers')
  expect(await inputs('ledger.sqlite')).toEqual({ ...alone, log: expect.stringMatching(/^[0-9a-f]{64}$/) })
  expect(Object.keys(await inputs('verdicts.csv'))).toEqual(['from'])
})

it('refuses a file that is no verdicts, or those of other data', async () => {
  const folder = await temporaryDirectory({ 'x.parquet': 'x', 'x.sqlite': 'x' })
  await expect(replay({ from: join(folder, 'x.parquet') })).rejects.toThrow(/x\.parquet: cannot be read: /)
  await expect(replay({ from: join(folder, 'x.sqlite') })).rejects.toThrow(
    'x.sqlite: expected the ledger.sqlite of a run',
  )
  expect(judges.get('replay').unsupportedReason!({ from: 'nowhere' }, {})).toBe(
    'there is no file "nowhere" to replay: give --from',
  )
  const names = createVocabulary(Array.from({ length: 40 }, (_, id) => `other-${id}`))
  const users = Array.from({ length: 20 }, (_, user) => user)
  const other = createDataset({ users, items: users }, createVocabulary(users), names)
  const from = join(folder, 'verdicts.parquet')
  const verdicts = await judges
    .get('accept-all')
    .create({ ...context, train: other }, {})
    .judge(candidates)
  await writeVerdicts(from, other, candidates, verdicts)
  await expect(replay({ from })).rejects.toThrow(`${from}: none of its verdicts is about a candidate of this run`)
})
