import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSplit } from '../../src/dataset/store.ts'
import { openPrepared } from '../../src/engines/prepared.ts'
import { sparkCommand, sparkOptions } from '../../src/engines/spark.ts'
import { encodeTensors } from '../../src/models/safetensors.ts'
import { runGiven } from '../../src/run/run.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { SMALL_RUN } from '../support/small-run.ts'

const directory = sharedDirectory()
const source = writeSmallData(directory)

/** What Spark leaves, made from a run of our own. */
async function prepare(): Promise<string> {
  const folder = join(directory, 'prepared')
  const made = await runGiven({ directory: join(directory, 'alone'), source, options: SMALL_RUN, until: 'candidates' })
  const { train, valid, test } = made.data.value
  cpSync(join(made.directory, 'data'), join(folder, 'data'), { recursive: true })
  cpSync(join(made.directory, 'train-base', 'model.safetensors'), join(folder, 'als.safetensors'))
  cpSync(join(made.directory, 'candidates', 'candidates.parquet'), join(folder, 'candidates.parquet'))
  const rows = { users: train.users, items: train.items, train: train.interactions, valid: valid.interactions, test: test.interactions } // biome-ignore format: one line
  writeFileSync(join(folder, 'data', 'split.json'), JSON.stringify({ format: 'dualtree split', version: 1, rows }))
  // every item is next to the one after it
  const next = Int32Array.from({ length: train.items }, (_, item) => (item + 1) % train.items)
  const tensors = {
    weight_offsets: { shape: [train.items + 1], values: Int32Array.from({ length: train.items + 1 }, (_, at) => at) },
    weight_items: { shape: [train.items], values: next },
    weights: { shape: [train.items], values: new Float32Array(train.items).fill(1) },
  }
  const metadata = { interactions: String(train.interactions) }
  writeFileSync(join(folder, 'item-graph.safetensors'), Buffer.concat(encodeTensors({ tensors, metadata })))
  return folder
}

describe('run --prepared', () => {
  it('goes on from split, base model, candidates and item graph', async () => {
    const folder = await prepare()
    const { source, options, parts } = await openPrepared(folder)
    const out = join(directory, 'run')
    const { historyAtTest: _, ...small } = SMALL_RUN
    const result = await runGiven({ directory: out, source, options: { ...small, ...options }, parts })
    const rows = result.metrics!.rows.map(({ method, variant, skipped }) => [method, variant, skipped !== undefined])
    expect(rows).toContainEqual(['item-graph', 'history train', false])
    // what was counted on train is not passed off as fitted again
    expect(rows).toContainEqual(['item-graph', 'refit', true])
    expect(rows).toContainEqual(['given-base', 'history train', false])
    expect(rows.some(([method, variant]) => method === 'given-base' && variant === 'refit')).toBe(false)
    expect(rows).toContainEqual(['dtl-ns', 'refit', false])
    for (const [stage, file] of [
      ['train-base', 'model.safetensors'],
      ['candidates', 'candidates.parquet'],
    ] as const) {
      const tail = (bytes: Buffer) => (stage === 'candidates' ? bytes.length > 0 : bytes.subarray(-1000))
      expect(tail(readFileSync(join(out, stage, file)))).toEqual(
        tail(readFileSync(join(directory, 'alone', stage, file))),
      )
    }
  })

  it('refuses what is not of this data', async () => {
    await expect(openPrepared(directory)).rejects.toThrow(
      `--prepared ${directory}: expected a folder of "dualtree spark submit", with data/split.json`,
    )
    const folder = join(directory, 'prepared')
    const manifest = join(folder, 'data', 'split.json')
    const kept = JSON.parse(readFileSync(manifest, 'utf8'))
    writeFileSync(manifest, JSON.stringify({ ...kept, rows: { ...kept.rows, valid: 1 } }))
    await expect(readSplit(join(folder, 'data'))).rejects.toThrow(
      /the files are not those that split\.json was written with .*"valid":1/,
    )
    const wrong = { directory: join(directory, 'wrong'), source, options: { ...SMALL_RUN, baseModel: join(folder, 'item-graph.safetensors') } } // biome-ignore format: one line
    await expect(runGiven({ ...wrong, until: 'train' })).rejects.toThrow('expected tensors "user_vectors" [U × D]')
  })
})

describe('spark submit', () => {
  it('hands every option on, and says where spark-submit may be', () => {
    const options = sparkOptions.parse({ kCore: 5, time: 'at' })
    const { command, args } = sparkCommand({ data: 'x.csv', out: 'o', options, program: '/spark', worker: 'dualtree', more: ['--conf', 'a=b'] }) // biome-ignore format: one line
    expect([command, ...args.slice(0, 4)]).toEqual(['/spark', '--master', 'local[*]', '--conf', 'a=b'])
    expect(args[4]).toMatch(/engines\/spark\/dualtree_spark\.py$/)
    const als = { rank: 64, maxIter: options.epochs, alpha: 5, regParam: 1, seed: 1 }
    const { unobservedWeight, regularization } = sparkOptions.parse({ unobservedWeight: 0.2, regularization: 0.2 })
    const given = { ...options, unobservedWeight, regularization }
    const sent = sparkCommand({ data: 'x.csv', out: 'o', options: given, program: '/spark', worker: 'dualtree' }).args
    expect(JSON.parse(sent.at(-1)!)).toMatchObject({ ...given, data: 'x.csv', node: 'dualtree', cap: 100, rating: null, als }) // biome-ignore format: one line
    const path = process.env.PATH
    try {
      process.env.PATH = ''
      expect(() => sparkCommand({ data: 'x', out: 'o', options })).toThrow(
        'no spark-submit on the PATH or in SPARK_HOME',
      )
    } finally {
      process.env.PATH = path
    }
  })

  it.each([
    [{ split: 'per-user-time' }, '--split per-user-time needs times: name their column with --time'],
    [
      { split: 'given', validFrom: 'user-latest' },
      '--valid-from user-latest needs times: name their column with --time',
    ],
    [{ minRating: 3 }, '--min-rating needs ratings: name their column with --rating'],
  ])('asks for the column that %j needs, before anything starts', (given, message) => {
    const options = sparkOptions.parse(given)
    expect(() => sparkCommand({ data: 'x', out: 'o', options })).toThrow(message)
  })
})
