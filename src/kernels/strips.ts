/**
 * The inverse of a matrix that kernel memory cannot hold: its rows lie in ordinary memory, in strips, and come into the
 * kernels' memory one strip at a time. n³/2 multiply-adds; below 1,536 rows the bits of `invertPositiveDefinite`.
 */
import type { Floats, Kernels, SweepGroup, SweepPanels } from './interface/kernels.ts'

/** Square, of which the lower triangle counts while it is inverted. */
export interface Strips {
  readonly n: number
  /** rows of a strip, a multiple of 256; the last may have fewer */
  readonly height: number
  /** [rows × n] each */
  readonly parts: readonly Float32Array<ArrayBuffer>[]
}

/** Steps of which none takes long: what has been done stays, whatever comes between. */
export interface Inversion {
  readonly steps: number
  readonly done: number
  /** @throws RunError naming the pivot when the matrix is not positive definite */
  step(): void
  /** what a later step needs beside the strips */
  readonly panels: SweepPanels
}

/** Multiply-adds that a thread makes in a second, on a machine of 2023. */
const RATE = 20e9
/** Columns of a strip that are turned into rows at a time; divides its height. */
const TILE = 32

/** Zeros, which take up no memory before something is written. */
export function createStrips(n: number, height: number): Strips {
  const parts = Array.from({ length: Math.ceil(n / height) }, (_, strip) => {
    const rows = Math.min(height, n - strip * height)
    return new Float32Array(rows * n)
  })
  return { n, height, parts }
}

/** Row `row`, of n elements. */
export function stripRow({ n, height, parts }: Strips, row: number): Float32Array<ArrayBuffer> {
  const at = (row % height) * n
  return parts[Math.floor(row / height)].subarray(at, at + n)
}

/** About how long the inverse takes, in seconds. */
export const inversionSeconds = (n: number, threads: number) => n ** 3 / 2 / (RATE * threads)

/**
 * Replaces the matrix by −A⁻¹, in its lower triangle. Keeps kernel memory, about 16 × n × height bytes, for the scope of the caller.
 * @param from steps that were made before, on these strips, and the panels that they left, in kernel memory
 */
export function invertStrips(
  kernels: Kernels,
  strips: Strips,
  from?: { readonly done: number; readonly panels: SweepPanels },
): Inversion {
  const { memory } = kernels
  const { n, height, parts } = strips
  const count = parts.length
  const [rowStride, columnStride] = [oddLines(n), oddLines(height)]
  const buffer = memory.floats(Math.max(height * rowStride, n * columnStride))
  const panels = from?.panels ?? kernels.sweepPanels(n, Math.min(n, height))
  let done = from?.done ?? 0
  const group = () => {
    const first = Math.floor(done / count) * height
    return { n, first, count: Math.min(height, n - first) }
  }
  return {
    steps: count ** 2,
    panels,
    get done() {
      return done
    },
    step() {
      const within = done % count
      if (within === 0) {
        const own = { ...group(), stride: columnStride }
        moveColumns(strips, own, buffer, false)
        kernels.sweepColumns(buffer, own, panels)
        moveColumns(strips, own, buffer, true)
      } else {
        const own = { ...group(), stride: rowStride }
        // the strip of the pivots has had its turn
        const firstRow = (within - 1 < own.first / height ? within - 1 : within) * height
        const end = Math.min(firstRow + height, n)
        const inBuffer = (row: number) => buffer.subarray((row - firstRow) * rowStride).subarray(0, row + 1)
        for (let row = firstRow; row < end; row++) inBuffer(row).set(stripRow(strips, row).subarray(0, row + 1))
        kernels.sweepRows(buffer, { firstRow, end }, own, panels)
        for (let row = firstRow; row < end; row++) stripRow(strips, row).set(inBuffer(row))
      }
      done++
    },
  }
}

/** Copies the columns of a group of pivots between the strips and `buffer` [n × stride]. */
function moveColumns(strips: Strips, { n, first, count, stride }: SweepGroup, buffer: Floats, back: boolean): void {
  for (let row = first; row < n; row++) {
    const length = Math.min(count, row + 1 - first)
    const own = stripRow(strips, row).subarray(first, first + length)
    const other = buffer.subarray(row * stride, row * stride + length)
    if (back) own.set(other)
    else other.set(own)
  }
  // rows above lie in the pivots' rows, as columns
  for (let left = 0; left < first; left += TILE)
    for (let k = 0; k < count; k++) {
      const own = stripRow(strips, first + k)
      for (let i = left, at = left * stride + k; i < left + TILE; i++, at += stride)
        if (back) own[i] = buffer[at]
        else buffer[at] = own[i]
    }
}

/** A distance of rows, in floats, that spreads what lies below one another over a cache. */
const oddLines = (columns: number) => (Math.ceil(columns / 16) * 16) | 16
