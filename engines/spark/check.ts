/** The Spark path beside the local one, on a real Spark. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { affinities } from '../../src/dataset/cooccurrence.ts'
import { loadSplit } from '../../src/dataset/load.ts'
import type { SourceOptions } from '../../src/dataset/source.ts'
import { readSplit, writeSplit } from '../../src/dataset/store.ts'
import { readTable } from '../../src/dataset/table.ts'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import { readJson } from '../../src/files.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { baselines } from '../../src/models/baselines/index.ts'
import { walk } from '../../src/models/baselines/rp3beta.ts'
import { embeddingRecommender } from '../../src/models/embeddings.ts'
import { loadEmbeddings } from '../../src/models/model-file.ts'
import type { Recommender } from '../../src/models/recommender.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { kebab } from '../../src/options.ts'
import { call, check, dualtree, expect, folder, skipped, writeShop } from '../harness.ts'

const NEIGHBORS = 25
const ALS = [['dimensions', 8], ['epochs', 16]] as const // biome-ignore format: one line
/** Of the Recalls of two factorisations that begin elsewhere, on so few users. */
const MOST_APART = 0.05
const MASTERS = ['local[2]', 'local-cluster[2,1,1024]'] as const
/** The second compiler of Java costs more than it saves on so few rows. */
const CONF = ['ui.enabled=false', 'driver.host=127.0.0.1', ...['driver', 'executor'].map(who => `${who}.extraJavaOptions=-XX:TieredStopAtLevel=1`)].flatMap(setting => ['--conf', `spark.${setting}`]) // biome-ignore format: one line

export async function checkSpark(bin: string): Promise<void> {
  const java = javaVersion()
  if (java === undefined || java < 17)
    return skipped('Spark', java === undefined ? 'there is no java (17 or newer)' : `java is ${java}, not 17 or newer`)
  const { csv } = writeShop()
  const environment = { PYSPARK_PYTHON: join(bin, 'python'), SPARK_LOCAL_IP: '127.0.0.1' }
  Object.assign(process.env, environment)
  const ways = [
    { master: MASTERS[0], split: 'per-user-time', affinity: 'rp3beta', more: ['--base', 'als', ...ALS.flatMap(([name, value]) => [`--${name}`, String(value)])] }, // biome-ignore format: one line
    { master: MASTERS[1], split: 'random', affinity: 'cosine', more: [] },
  ] as const
  for (const { master, split, affinity, more } of ways) {
    const out = join(folder, `spark-${split}`)
    const source = { split, kCore: 5, splitSeed: 3 } as const
    await check(`Spark on ${master}: split ${split} and ${affinity} graph are those of the local path`, async () => {
      const data = ['--format', 'csv', '--time', 'time', '--k-core', '5', '--split', split, '--split-seed', '3']
      const how = ['--affinity', affinity, '--neighbors', String(NEIGHBORS), '--candidates', '--evaluation', '--candidates-per-user', '5'] // biome-ignore format: one line
      const memory = ['--conf', `spark.executor.memory=${master === MASTERS[1] ? '1g' : '2g'}`]
      const submit = [
        'spark',
        'submit',
        csv,
        '--out',
        out,
        '--master',
        master,
        '--spark-submit',
        join(bin, 'spark-submit'),
      ]
      await dualtree(...submit, ...data, ...how, ...more, ...CONF, ...memory, '--quiet')
      return {
        ...(await compare(out, csv, source, affinity)),
        ...(more.length > 0 && { recall: await compareAls(out) }),
      }
    })
  }
  const others = [
    { format: 'parquet', split: 'global-time' },
    { format: 'jsonl', split: 'leave-one-out' },
    { format: 'parquet', split: 'new-users' },
    { format: 'csv', split: 'given', parts: ['train', 'valid', 'test'], kCore: 4 },
    { format: 'jsonl', split: 'given', parts: ['train', 'test'], validFrom: 'user-latest' },
  ] as const
  for (const { format, split, parts, ...options } of others.map(other => ({ parts: undefined, ...other })))
    await check(
      `Spark reads ${format} as the local path reads CSV, with split ${split}${parts ? ` (${parts.join(', ')})` : ''}`,
      async () => {
        const source = parts ? writeParts(csv, parts) : csv
        const [data, out] = [
          `${parts ? source : join(folder, 'shop')}.${format}`,
          join(folder, `spark-${split}-${format}`),
        ]
        await convert(bin, source, data, format)
        const flags = Object.entries(options).map(([name, value]) => `--${kebab(name)}=${value}`)
        const how = [`--format=${format}`, '--time=time', `--split=${split}`, ...flags, ...CONF]
        await dualtree('spark', 'submit', data, '--out', out, '--master=local[2]', `--spark-submit=${join(bin, 'spark-submit')}`, ...how, '--quiet') // biome-ignore format: one line
        const { split: wanted, report } = await loadSplit(source, { split, ...options })
        const found = await readSplit(join(out, 'data'))
        expect(found.hash === wanted.hash, { found: found.hash, wanted: wanted.hash })
        const { heldOutUnknownUsers: strangers, heldOutAlreadySeen, testAlreadyInValid } = report.counts
        const leftOut = strangers * heldOutAlreadySeen * (parts?.length === 3 ? testAlreadyInValid : 1)
        expect(!parts || leftOut > 0, report.counts)
        return { hash: wanted.hash.slice(0, 12), newUsers: found.test.newUsers, valid: wanted.valid.interactions }
      },
    )
  await check('run --prepared goes on from what Spark made', async () => {
    const out = join(folder, 'prepared-run')
    const options = ['--baselines', 'popularity', '--epochs', '2', '--candidates-per-user', '5', '--json', '--quiet']
    const { rows } = JSON.parse(await dualtree('run', '--prepared', join(folder, 'spark-per-user-time'), '--out', out, ...options)) // biome-ignore format: one line
    const names = new Set(rows.map(({ method }: { method: string }) => method))
    expect(names.has('item-graph') && names.has('given-base') && names.has('dtl-ns'), [...names])
    return [...names]
  })
}

/** The interactions as files of parts, in which some pairs come again and some users are in the last part alone. */
function writeParts(csv: string, parts: readonly string[]): string {
  const home = join(folder, `parts-${parts.length}`)
  mkdirSync(home)
  const [header, ...lines] = readFileSync(csv, 'utf8').trim().split('\n')
  for (const [at, part] of parts.entries()) {
    const own = lines.filter((line, row) =>
      line.startsWith('u1,') ? at === parts.length - 1 : row % parts.length === at || row % 11 === 0,
    )
    writeFileSync(join(home, `${part}.csv`), `${[header, ...own].join('\n')}\n`)
  }
  return home
}

/** A CSV file, or a folder of them, in another format; a folder of CSV stays. */
async function convert(bin: string, source: string, data: string, format: string): Promise<void> {
  const write = format === 'parquet' ? 'to_parquet(out)' : 'to_json(out, orient="records", lines=True)'
  const script = `
import glob, os, shutil, sys, pandas
source, data, format = sys.argv[1:]
if format == "csv":
    shutil.copytree(source, data)
else:
    folder = os.path.isdir(source)
    if folder:
        os.makedirs(data)
    for path in glob.glob(source + "/*") if folder else [source]:
        out = os.path.join(data, os.path.basename(path).replace("csv", format)) if folder else data
        pandas.read_csv(path).${write}
`
  await call(join(bin, 'python'), ['-c', script, source, data, format])
}

/** Recall@20 on validation of MLlib's vectors and of ours. */
async function compareAls(out: string): Promise<{ mllib: number; ours: number }> {
  const { train, valid } = await readSplit(join(out, 'data'))
  const kernels = createKernels()
  const { metadata, ...embeddings } = await loadEmbeddings(join(out, 'als.safetensors'))
  const [unobservedWeight, regularization] = [Number(metadata.unobservedWeight), Number(metadata.regularization)]
  const options = { ...Object.fromEntries(ALS), unobservedWeight, regularization, regularizationExponent: 1 }
  const request = { truth: valid, histories: train.byUser, seen: train.byUser, seed: 1, cutoffs: [20] }
  const recallOf = (recommender: Recommender) => evaluate(recommender, request).metrics['recall@20']
  const [mllib, ours] = [
    recallOf(embeddingRecommender(embeddings, kernels, train)),
    recallOf(baselines.get('ials').fit({ train, kernels, seed: 1 }, options)),
  ]
  kernels.close()
  expect(Math.abs(mllib / ours - 1) <= MOST_APART, { mllib, ours })
  return { mllib, ours }
}

function javaVersion(): number | undefined {
  try {
    const text = execFileSync('sh', ['-c', 'java -version 2>&1'], { encoding: 'utf8' })
    const found = /version "(?:1\.)?(\d+)/.exec(text)
    return found ? Number(found[1]) : undefined
  } catch {
    return undefined
  }
}

/** Same hash of the split; same neighbours in the same order, weights to 1e-6; as good through the pipe as here. */
async function compare(out: string, csv: string, source: Partial<SourceOptions>, affinity: 'rp3beta' | 'cosine') {
  const { split } = await loadSplit(csv, source)
  const { train } = split
  expect((await readSplit(join(out, 'data'))).hash === split.hash, 'another split')
  // as dualtree itself would write it
  await writeSplit(split, join(out, 'local'))
  const kernels = createKernels()
  const options = { alpha: 0.5, beta: 0.375, gamma: 0.5, shrinkage: 0 }
  const kind = affinity === 'cosine' ? ({ kind: 'cosine', shrinkage: 0 } as const) : walk(train, options)
  const ranks = tieRanks(train.items, 1)
  const { offsets, indices, values } = affinities(train, kernels, kind, { limit: NEIGHBORS, ranks })
  const table = await readTable(join(out, 'item-graph.parquet'), ['item_id', 'rank', 'neighbor_id', 'weight'])
  expect(table.rank.length === indices.length, { spark: table.rank.length, local: indices.length })
  let [at, worst] = [0, 0]
  for (let item = 0; item < train.items; item++) {
    const own = Array.from({ length: offsets[item + 1] - offsets[item] }, (_, entry) => offsets[item] + entry)
    own.sort((a, b) => values[b] - values[a] || ranks[indices[a]] - ranks[indices[b]])
    for (const [place, entry] of own.entries()) {
      const found = [table.item_id[at], table.rank[at], table.neighbor_id[at]]
      const wanted = [train.itemIds.ids[item], place + 1, train.itemIds.ids[indices[entry]]]
      expect(String(found) === String(wanted), { found, wanted })
      worst = Math.max(worst, Math.abs(Number(table.weight[at]) - values[entry]) / values[entry])
      at++
    }
  }
  kernels.close()
  expect(worst <= 1e-6, { worst })
  const evaluation = await readJson<{ users: number }>(join(out, 'evaluation.json'), '')
  expect(evaluation.users > 0 && existsSync(join(out, 'candidates.parquet')), evaluation)
  return { pairs: train.interactions, weights: at, worst, ...evaluation }
}
