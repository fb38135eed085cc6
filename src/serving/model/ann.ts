/** Approximate rankings of vectors, for catalogues that outgrow an exact scan: usearch, an optional package. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Index } from 'usearch'
import { rowsOf } from '../../dataset/histories.ts'
import { UsageError } from '../../errors.ts'
import { makeDirectory, writeJson } from '../../files.ts'
import { columnsOf } from '../../kernels/csr.ts'
import type { Recommendations, Recommender, RecommendRequest } from '../../models/recommender.ts'
import { copyItemRows } from '../../models/rows.ts'
import { derive, permutation } from '../../random.ts'
import type { Catalogue } from '../items/catalogue.ts'

type Vectors = NonNullable<Recommender['itemVectors']>
type Usearch = typeof import('usearch')

/** Users that the recall is measured on, and the length of their lists. */
export const MEASURED = { users: 200, k: 20 }

/** Of HNSW: neighbours of a node, and candidates that are kept while a node is added or looked for. */
const HNSW = { connectivity: 16, expansion_add: 128, expansion_search: 256, multi: false }

/** Added at a time: others have their turn in between. One thread, so that the same vectors give the same index. */
const ADDED = 128

/** The most places of a search; an answer that hides more items than that is ranked exactly. */
const MOST_FOUND = 4096

/** Of an index in a model folder, and the name of the folder in it. */
interface IndexFacts {
  readonly model: string
  readonly bytes: number
  readonly recall: number
}
const FOLDER = 'ann'

/** @throws UsageError that says how to install it. @param flag what asked for it */
export async function loadUsearch(flag: string) {
  try {
    return await import('usearch')
  } catch (error) {
    throw new UsageError(`${flag} needs the package usearch: npm install usearch`, { cause: error })
  }
}

const emptyIndex = ({ Index, MetricKind, ScalarKind }: Usearch, dimensions: number) =>
  new Index({ ...HNSW, dimensions, metric: MetricKind.IP, quantization: ScalarKind.F32 })

/** An index by inner product; its keys are internal ids. */
export async function buildIndex(usearch: Usearch, vectors: Vectors, items: number): Promise<Index> {
  const { panels, dimensions } = vectors
  const index = emptyIndex(usearch, dimensions)
  for (let begin = 0; begin < items; begin += ADDED) {
    const rows = Array.from({ length: Math.min(ADDED, items - begin) }, (_, at) => begin + at)
    const matrix = new Float32Array(rows.length * dimensions)
    copyItemRows(panels, dimensions, rows, matrix)
    index.add(BigUint64Array.from(rows, BigInt), matrix as never, 1)
    await nextTurn()
  }
  return index
}

/** A recommender of vectors that looks its candidates up in an index, and scores them exactly. */
export function approximate(exact: Recommender, vectors: Vectors, index: Index): Recommender {
  const { panels, dimensions } = vectors
  const rank = (request: RecommendRequest, row: number, vector: Float32Array, out: Recommendations): boolean => {
    const { k, tieRank, seen } = request
    const hidden = new Set(columnsOf(seen, row))
    const wanted = Math.min(k, exact.items - hidden.size)
    const places = Math.min(exact.items, k + hidden.size)
    if (places > MOST_FOUND) return false
    const found = Array.from(index.search(vector, places, 1).keys, Number).filter(item => !hidden.has(item))
    if (found.length < wanted) return false
    const rows = new Float32Array(found.length * dimensions)
    copyItemRows(panels, dimensions, found, rows)
    const scored = found.map((item, at) => {
      let score = 0
      // in the order, and with the rounding, of the exact scan
      for (let d = 0; d < dimensions; d++)
        score = Math.fround(score + Math.fround(vector[d] * rows[at * dimensions + d]))
      return { item, score }
    })
    scored.sort((a, b) => b.score - a.score || tieRank[a.item] - tieRank[b.item])
    scored.slice(0, k).forEach(({ item, score }, place) => {
      out.items[row * k + place] = item
      out.scores[row * k + place] = score
    })
    return true
  }
  return {
    ...exact,
    recommend(request) {
      const rows = request.histories.offsets.length - 1
      const length = rows * request.k
      const out = {
        k: request.k,
        items: new Int32Array(length).fill(-1),
        scores: new Float32Array(length).fill(Number.NEGATIVE_INFINITY),
      }
      const found = exact.vectors!(request)
      for (let row = 0; row < rows; row++)
        if (!rank(request, row, found.subarray(row * dimensions, (row + 1) * dimensions), out))
          return exact.recommend(request)
      return out
    },
  }
}

/** Share of the exact best items that the approximate lists have, over some of the users. */
export function measureRecall(
  exact: Recommender,
  other: Recommender,
  { histories, tieRank }: Pick<Catalogue, 'histories' | 'tieRank'>,
  seed: number,
): number {
  const users = histories.offsets.length - 1
  const chosen = permutation(users, derive(seed, 'recall')).subarray(0, MEASURED.users)
  const k = Math.min(MEASURED.k, exact.items)
  const seen = { offsets: new Int32Array(chosen.length + 1), indices: new Int32Array(0) }
  const request = { histories: rowsOf(histories, chosen), users: chosen, seen, k, tieRank }
  const [wanted, found] = [exact, other].map(own => own.recommend(request).items)
  let hits = 0
  for (let begin = 0; begin < wanted.length; begin += k) {
    const list = new Set(found.subarray(begin, begin + k))
    for (const item of wanted.subarray(begin, begin + k)) hits += Number(list.has(item))
  }
  return wanted.length === 0 ? 1 : hits / wanted.length
}

/**
 * The index of a model folder: the one that lies in it, or else one that is built, and left there where that is possible.
 * @returns undefined for a model whose scores are no inner products
 */
export async function openApproximate(
  folder: string,
  { hash, seed }: { readonly hash: string; readonly seed: number },
  exact: Recommender,
  catalogue: Catalogue,
): Promise<{ recommender: Recommender; recall: number } | undefined> {
  const usearch = await loadUsearch('--ann')
  const { itemVectors, items } = exact
  if (!itemVectors || !exact.vectors) return
  const [file, note] = [join(folder, FOLDER, 'items.usearch'), join(folder, FOLDER, 'index.json')]
  const facts: IndexFacts | undefined = await readFile(note, 'utf8')
    .then(JSON.parse)
    .catch(() => undefined)
  if (facts?.model === hash && (await stat(file).catch(() => undefined))?.size === facts.bytes) {
    const index = emptyIndex(usearch, itemVectors.dimensions)
    index.load(file)
    return { recommender: approximate(exact, itemVectors, index), recall: facts.recall }
  }
  const index = await buildIndex(usearch, itemVectors, items)
  const recommender = approximate(exact, itemVectors, index)
  const recall = measureRecall(exact, recommender, catalogue, seed)
  try {
    await makeDirectory(join(folder, FOLDER))
    index.save(file)
    await writeJson(note, { model: hash, bytes: (await stat(file)).size, recall } satisfies IndexFacts)
  } catch {
    // a folder that cannot be written to: it is built again at the next start
  }
  return { recommender, recall }
}
