/**
 * EASE of catalogues whose matrix kernel memory cannot hold: B lies in ordinary memory, in strips of rows, I² × 4 bytes;
 * half of that while it is made. No items are eliminated by themselves (`invertSparse`): on Gowalla's 40,981 that would save a sixth.
 */
import type { Dataset } from '../../dataset/dataset.ts'
import { type Histories, sliceRows } from '../../dataset/histories.ts'
import type { Floats, Kernels, SparseRows } from '../../kernels/interface/kernels.ts'
import {
  createStrips,
  type Inversion,
  inversionSeconds,
  invertStrips,
  type Strips,
  stripRow,
} from '../../kernels/strips.ts'
import { duration, formatCount, plural } from '../../numbers.ts'
import { type DecayOptions, decayed } from '../decay.ts'
import type { FitContext, LongFit } from '../model.ts'
import type { Recommender } from '../recommender.ts'
import { residentPattern } from '../rows.ts'
import { recommendByScores } from './baseline.ts'
import { readInversion, writeInversion } from './strips-file.ts'

/** Rows of a strip, and pivots of a group: 1,024 of 60,000 items are 246 MB in the kernels' memory. */
const HEIGHT = 1024
/** Side of the tiles in which the matrix is mirrored. */
const TILE = 64
/** Rows of B in kernel memory at a time. */
const MOST_ROWS = 1024

export interface EaseOptions extends DecayOptions {
  readonly regularization: number
}

/** Kernel memory in bytes: a strip, the panels of a group of pivots, and the pattern of the data. */
export const stripBytes = (items: number, height = HEIGHT) => 4 * 3 * (items + 64) * (height + 64) + 2 ** 25

export function fitEaseInSteps(
  { train, kernels }: FitContext,
  { regularization, decay, halfLife }: EaseOptions,
  height = HEIGHT,
): LongFit {
  const { items } = train
  let strips = createStrips(items, height)
  const count = strips.parts.length
  const most = count + count ** 2 + 1
  let filled = 0
  let inversion: Inversion | undefined
  let made = false
  const seconds = duration(inversionSeconds(items, kernels.threads))
  const bytes = 4 * items ** 2 + stripBytes(items, height)
  return {
    forecast:
      `EASE inverts a matrix of ${formatCount(items)} × ${formatCount(items)}: about ${seconds} on ` +
      `${plural(kernels.threads, 'thread')} of a quiet machine, and up to ${(bytes / 1e9).toFixed(1)} GB of memory beside the program's.`,
    steps: most,
    get done() {
      return filled + (inversion?.done ?? 0) + Number(made)
    },
    step() {
      if (filled < count) fillGram(train, kernels, regularization, strips, filled++)
      else {
        inversion ??= invertStrips(kernels, strips)
        if (inversion.done < inversion.steps) inversion.step()
        else {
          toWeights(strips)
          made = true
        }
      }
    },
    recommender: () => recommendByStrips(kernels, train, strips, { decay, halfLife }),
    async save(path, key) {
      if (inversion && !made) await writeInversion(path, key, strips, inversion)
    },
    async resume(path, key) {
      const found = await readInversion(path, key, kernels, strips)
      if (typeof found === 'object') {
        inversion = invertStrips(kernels, strips, found)
        filled = count
      }
      // what was read of it is no part of the data
      if (found === 'damaged') strips = createStrips(items, height)
      return typeof found === 'object' || found
    },
  }
}

/** The rows of XᵀX + λI in one strip: that of an item is the sum of the histories of its users. */
function fillGram(
  { items, byUser, byItem }: Dataset,
  { memory, sumSparseRows }: Kernels,
  regularization: number,
  strips: Strips,
  strip: number,
): void {
  const first = strip * strips.height
  const rows = strips.parts[strip].length / items
  memory.scope(() => {
    const { offsets, indices } = residentPattern(memory, sliceRows(byItem, first, first + rows))
    const out = memory.floats(rows * items)
    sumSparseRows({ offsets, indices }, residentPattern(memory, byUser), items, out)
    for (let row = first; row < first + rows; row++) {
      const own = stripRow(strips, row)
      const at = (row - first) * items
      own.set(out.subarray(at, at + row + 1))
      own[row] += regularization
    }
  })
}

/** −P in the lower triangle becomes B_ij = −P_ij / P_jj in all of the matrix, its diagonal 0. */
function toWeights(strips: Strips): void {
  const { n } = strips
  const rows = Array.from({ length: n }, (_, row) => stripRow(strips, row))
  const diagonal = Float64Array.from(rows, (row, item) => -row[item])
  for (let top = 0; top < n; top += TILE)
    for (let left = 0; left <= top; left += TILE)
      for (let i = top; i < Math.min(top + TILE, n); i++) {
        const own = rows[i]
        for (let j = left; j < Math.min(left + TILE, i); j++) {
          const value = own[j]
          own[j] = value / diagonal[j]
          rows[j][i] = value / diagonal[i]
        }
      }
  for (let i = 0; i < n; i++) rows[i][i] = 0
}

/** Ranks by the sum of the history's rows, which come into kernel memory for some histories at a time. */
function recommendByStrips(
  kernels: Kernels,
  { users, items }: Pick<Dataset, 'users' | 'items'>,
  strips: Strips,
  decay: DecayOptions,
): Recommender {
  const { memory } = kernels
  return recommendByScores(
    kernels,
    { users, items },
    (histories, scores) => {
      const all = decayed(memory, histories, decay)
      for (const [begin, end] of blocksOf(histories.offsets))
        memory.scope(() => {
          const { table, ...own } = bringIn(memory, strips, sliceRows(all, begin, end))
          sumWeightRows(kernels, own, table, items, scores.subarray(begin * items, end * items))
        })
    },
    { decay },
  )
}

/** Ranges of rows with few enough entries together, or of one row. */
function* blocksOf(offsets: Int32Array): Generator<[begin: number, end: number]> {
  for (let begin = 0, end = 1; begin + 1 < offsets.length; begin = end++) {
    while (end + 1 < offsets.length && offsets[end + 1] - offsets[begin] <= MOST_ROWS) end++
    yield [begin, end]
  }
}

/** The rows of B that some histories need, and the histories by their places. */
function bringIn(memory: Kernels['memory'], strips: Strips, { offsets, indices, values }: Histories) {
  const needed = [...new Set(indices)].sort((a, b) => a - b)
  const placeOf = new Map(needed.map((item, place) => [item, place]))
  const stride = strideOf(strips.n)
  const table = memory.floats(needed.length * stride)
  for (const [item, place] of placeOf) table.set(stripRow(strips, item), place * stride)
  const places = indices.map(item => placeOf.get(item)!)
  return {
    table,
    offsets: memory.copy(offsets),
    indices: memory.copy(places),
    values: values && memory.resident(values),
  }
}

/** Of a row in kernel memory, in floats. */
export const strideOf = (items: number) => Math.ceil(items / 4) * 4

/**
 * scores [rows × I] = Σ of the rows of `table` [· × stride] that each history names.
 * @param histories in kernel memory
 */
export function sumWeightRows(
  { memory, spmm }: Kernels,
  {
    offsets,
    indices,
    values = memory.floats(indices.length).fill(1),
  }: Pick<SparseRows, 'offsets' | 'indices'> & {
    values?: Floats | undefined
  },
  table: Floats,
  items: number,
  scores: Floats,
): void {
  const stride = strideOf(items)
  const padded = memory.floats((offsets.length - 1) * stride)
  spmm({ offsets, indices, values }, table, padded, stride)
  for (let row = 0; row + 1 < offsets.length; row++)
    scores.set(padded.subarray(row * stride, row * stride + items), row * items)
}
