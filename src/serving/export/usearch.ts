/** An approximate index of item vectors, and what it finds of the exact ranking. */
import { join } from 'node:path'
import { UsageError } from '../../errors.ts'
import { makeDirectory, writeAtomic } from '../../files.ts'
import { derive, shuffle } from '../../random.ts'
import { writeVectors } from './parquet.ts'
import { type ExportTarget, type VectorExport, vectorsOf } from './vector-export.ts'

/** Users that the recall is measured on, and the length of their lists. */
const MEASURED = { users: 200, k: 20 }

export const usearch: ExportTarget = {
  name: 'usearch',
  summary: 'an HNSW index of the items by inner product, with the tables of --to parquet and its measured recall',
  out: 'directory',
  async write(content, out) {
    const vectors = vectorsOf(content)
    const { Index, MetricKind, ScalarKind } = await loadUsearch()
    await makeDirectory(out)
    const index = new Index({
      ...{ dimensions: vectors.dimensions, metric: MetricKind.IP, quantization: ScalarKind.F32 },
      ...{ connectivity: 16, expansion_add: 128, expansion_search: 64, multi: false },
    })
    const { length } = vectors.catalogue.items
    for (let item = 0; item < length; item++) index.add(BigInt(item), vectors.item(item), 1)
    index.save(join(out, 'items.usearch'))
    await writeVectors(content, out)
    const recall = measureRecall(vectors, content.made.seed, (vector, k) => index.search(vector, k, 1).keys)
    const facts = {
      ...{ metric: 'ip', score: '1 - distance', keys: 'rows of items.parquet, from 0' },
      recall: { of: `the exact best ${MEASURED.k}`, users: MEASURED.users, value: recall },
    }
    await writeAtomic(join(out, 'index.json'), `${JSON.stringify(facts, null, 2)}\n`)
    return `An index of ${length} items: ${out}. It finds ${(100 * recall).toFixed(1)} % of the exact best ${MEASURED.k} of ${MEASURED.users} users; a score is 1 − distance.`
  },
}

async function loadUsearch() {
  try {
    return await import('usearch')
  } catch (error) {
    throw new UsageError('--to usearch needs the package usearch: npm install usearch', { cause: error })
  }
}

/** Share of the exact k best items that a search finds, over some users. */
function measureRecall(
  { catalogue: { users, items }, item, user }: VectorExport,
  seed: number,
  search: (vector: Float32Array, k: number) => ArrayLike<bigint>,
): number {
  const k = Math.min(MEASURED.k, items.length)
  const order = shuffle(
    Int32Array.from({ length: users.length }, (_, index) => index),
    derive(seed, 'recall'),
  )
  const chosen = order.subarray(0, MEASURED.users)
  let found = 0
  for (const index of chosen) {
    const vector = user(index)
    const keys = new Set(Array.from(search(vector, k), Number))
    const scores = Array.from({ length: items.length }, (_, other) => ({ other, score: dot(vector, item(other)) }))
    const best = scores.sort((a, b) => b.score - a.score).slice(0, k)
    found += best.filter(({ other }) => keys.has(other)).length
  }
  return chosen.length === 0 ? 1 : found / (k * chosen.length)
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d]
  return sum
}
