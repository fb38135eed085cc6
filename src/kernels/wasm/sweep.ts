/** The fast backend's inverse: block sweeps, of a matrix in one piece or in strips. */
import { RunError } from '../../errors.ts'
import type { SweepKernels } from '../interface/kernels.ts'
import type { FastLayer } from './layer.ts'

/** Rows of a panel. */
const ROWS = 8
const BYTES = 4

export function sweepKernels({ memory, threads, wasm, share, at }: FastLayer): SweepKernels {
  const size = wasm.sweepBlockSize()
  /** Floats of W, or of V, of one block of pivots. */
  const blockFloats = (n: number) => Math.ceil(n / ROWS) * ROWS * size

  /** A_ij −= V_i W_jᵀ; see `subtractSweepPanels`. */
  const subtract = (
    [begin, end]: readonly [number, number],
    [matrix, stride, n]: readonly [number, number, number],
    rest: readonly [from: number, to: number, first: number, count: number, depth: number, w: number, v: number],
  ) => {
    memory.scope(() => {
      const scratch = { argument: 11, bytes: 4 * ROWS * BYTES }
      const tiles = at(memory.bytes(threads * scratch.bytes))
      const cost = ROWS * ROWS * (rest[1] - rest[0]) * rest[4]
      share('subtractSweepPanels', end - begin, cost, [begin, matrix, stride, n, ...rest, tiles], { align: 4, scratch })
    })
  }

  /**
   * Sweeps the pivots of one block within columns from … to − 1, which is where the pivots are.
   * @param matrix where (0, 0) would lie; @param columns the first of them and the end, multiples of 8 but for n
   */
  const sweepBlock = (
    [matrix, stride, n]: readonly [number, number, number],
    [from, to]: readonly [number, number],
    [first, count]: readonly [number, number],
    [w, v]: readonly [number, number],
  ) => {
    memory.scope(() => {
      const panels = Math.ceil(n / ROWS)
      const block = memory.floats(size * size)
      const inverse = at(memory.floats(size * size))
      const place = [matrix, stride, n, from, first, count] as const
      share('packSweepPanels', panels, ROWS * size, [...place, w])
      const failed = wasm.sweepPivotBlock(matrix, stride, first, count, at(block), at(memory.floats(size)), inverse)
      if (failed >= 0) {
        const pivot = `pivot ${first + failed} is ${block[failed * size + failed]}`
        throw new RunError(`the matrix is not positive definite: ${pivot}; raise the regularization`)
      }
      share('multiplySweepPanels', panels, size * size, [first, count, w, inverse, v])
      const wanted = [from / ROWS, Math.ceil(to / ROWS), first, count, count, w, v] as const
      subtract([0, panels], [matrix, stride, n], wanted)
      share('storeSweepPanels', panels, ROWS * size, [...place, v])
    })
  }

  return {
    invertPositiveDefinite(matrix, n) {
      memory.scope(() => {
        const panels = [at(memory.floats(blockFloats(n))), at(memory.floats(blockFloats(n)))] as const
        for (let first = 0; first < n; first += size)
          sweepBlock([at(matrix), n, n], [0, n], [first, Math.min(size, n - first)], panels)
        share('mirrorNegated', Math.ceil(n / ROWS), ROWS * n, [at(matrix), n])
      })
    },
    sweepPanels(n, pivots) {
      const length = Math.ceil(pivots / size) * blockFloats(n)
      return { w: memory.floats(length), v: memory.floats(length) }
    },
    sweepColumns(columns, { stride, n, first, count }, { w, v }) {
      const matrix = at(columns) - first * BYTES
      for (let done = 0; done < count; done += size) {
        const skipped = (done / size) * blockFloats(n) * BYTES
        const pivots = [first + done, Math.min(size, count - done)] as const
        sweepBlock([matrix, stride, n], [first, first + count], pivots, [at(w) + skipped, at(v) + skipped])
      }
    },
    sweepRows(rows, { firstRow, end }, { stride, n, first, count }, { w, v }) {
      const matrix = at(rows) - firstRow * stride * BYTES
      for (let done = 0; done < count; done += size) {
        const skipped = (done / size) * blockFloats(n) * BYTES
        const panels = [firstRow / ROWS, Math.ceil(end / ROWS)] as const
        const depth = Math.min(size, count - done)
        const rest = [0, panels[1], first, count, depth, at(w) + skipped, at(v) + skipped] as const
        subtract(panels, [matrix, stride, n], rest)
      }
    },
  }
}
