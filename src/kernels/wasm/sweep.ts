/** The fast backend's inverse: block sweeps, of a matrix in one piece or in strips. */
import { RunError } from '../../errors.ts'
import type { SweepKernels } from '../interface/kernels.ts'
import type { FastLayer } from './layer.ts'

/** Rows of a panel. */
const ROWS = 8
const BYTES = 4
/** Rows of the smallest matrix whose blocks are swept in pairs. */
const LEAST = 1536

export function sweepKernels({ memory, threads, wasm, share, shareWithBlock, at }: FastLayer): SweepKernels {
  const size = wasm.sweepBlockSize()
  const side = wasm.strassenSide()
  /** Floats of W, or of V, of one block of pivots. */
  const blockFloats = (n: number) => Math.ceil(n / ROWS) * ROWS * size

  /** A_ij −= V_i W_jᵀ; see `subtractSweepPanels`. */
  const subtract = (
    [begin, end]: readonly [number, number],
    [matrix, stride, n]: readonly [number, number, number],
    rest: readonly [from: number, to: number, first: number, count: number, depth: number, w: number, v: number],
  ) => {
    const cost = ROWS * ROWS * (rest[1] - rest[0]) * rest[4]
    const args = [begin, matrix, stride, n, ...rest, { bytes: 4 * ROWS * BYTES }] as const
    shareWithBlock('subtractSweepPanels', end - begin, cost, args, { align: 4 })
  }

  /** Sweeps the pivots of one block, which gives W, P⁻¹ and V; `update` is what these change in the rest. */
  const sweepBlock = (
    [matrix, stride, n]: readonly [number, number, number],
    /** rows from here to the pivots lie in the pivots' rows, as columns */
    from: number,
    [first, count]: readonly [number, number],
    [w, v]: readonly [number, number],
    update: () => void,
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
      update()
      share('storeSweepPanels', panels, ROWS * size, [...place, v])
    })
  }

  /** Whole squares beside a pair of blocks. */
  const squaresOf = (n: number) => Math.floor(n / side) - (2 * size) / side

  /**
   * Sweeps as many pivots as make whole pairs of blocks: of each pair first what is in its own rows and columns, then the rest, in squares.
   * @param start of the memory for panels and their sums
   * @returns how many
   */
  const sweepPairs = (matrix: number, n: number, start: number): number => {
    const whole = [matrix, n, n] as const
    const panels = Math.ceil(n / ROWS)
    const squares = squaresOf(n)
    const units = (squares * (squares + 1)) / 2
    const panelBytes = blockFloats(n) * BYTES
    const [one, two] = [0, 1].map(k => ({ w: start + 2 * k * panelBytes, v: start + (2 * k + 1) * panelBytes }))
    const [vs, ws] = [start + 4 * panelBytes, start + 4 * panelBytes + wasm.strassenBytes(squares)]
    const scratch = { argument: 11, bytes: 4 * ROWS * BYTES }
    const tiles = at(memory.bytes(threads * scratch.bytes))
    const factors = [one.v, two.v, vs, one.w, two.w, ws, tiles] as const
    let first = 0
    for (; first + 2 * size <= n; first += 2 * size) {
      for (const [{ w, v }, pivots, other] of [
        [one, first, first + size],
        [two, first + size, first],
      ] as const)
        sweepBlock(whole, 0, [pivots, size], [w, v], () => {
          const own = [other / ROWS, (other + size) / ROWS] as const
          subtract([own[0], panels], whole, [...own, pivots, size, size, w, v])
          subtract(own, whole, [0, own[0], pivots, size, size, w, v])
        })
      const place = [squares, first / side] as const
      const halves = (squares * side) / 2 / ROWS
      share('sumStrassenPanels', halves, ROWS * size, [...place, one.v, two.v, 1, vs])
      share('sumStrassenPanels', halves, ROWS * size, [...place, one.w, two.w, 0, ws])
      share('subtractStrassen', units, side ** 2 * size, [...whole, ...place, ...factors], { align: 1, scratch })
      // rows that fill no square
      const rest = Math.floor(n / side) * (side / ROWS)
      for (const { w, v } of [one, two]) subtract([rest, panels], whole, [0, panels, first, 2 * size, size, w, v])
    }
    return first
  }

  return {
    invertPositiveDefinite(matrix, n, room) {
      memory.scope(() => {
        const whole = [at(matrix), n, n] as const
        const panels = Math.ceil(n / ROWS)
        const panelBytes = blockFloats(n) * BYTES
        const bytes = n < LEAST ? 2 * panelBytes : 4 * panelBytes + 2 * wasm.strassenBytes(squaresOf(n))
        const start = at(room && room.byteLength >= bytes ? room : memory.bytes(bytes))
        let first = n < LEAST ? 0 : sweepPairs(whole[0], n, start)
        const [w, v] = [start, start + panelBytes]
        for (; first < n; first += size) {
          const pivots = [first, Math.min(size, n - first)] as const
          sweepBlock(whole, 0, pivots, [w, v], () =>
            subtract([0, panels], whole, [0, panels, ...pivots, pivots[1], w, v]),
          )
        }
        share('mirrorNegated', panels, ROWS * n, [at(matrix), n])
      })
    },
    recoverEliminated(matrix, stride, left, { rows, factors, inverses }) {
      memory.scope(() => {
        const n = left.length + rows.length
        const width = wasm.recoveredColumns()
        const entries = [at(factors.offsets), at(factors.indices), at(factors.values)] as const
        const scratch = { argument: 11, bytes: n * width * BYTES }
        const table = at(memory.bytes(threads * scratch.bytes))
        const place = [at(matrix), n, stride, at(left), left.length, at(rows), rows.length] as const
        const cost = width * (n + factors.indices.length)
        const tiles = Math.ceil(stride / width)
        // in many calls, since the engine makes good code of a function for its next call
        for (let base = 0; base < tiles; base += 4 * threads) {
          const count = Math.min(4 * threads, tiles - base)
          share('recoverRows', count, cost, [base, ...place, ...entries, table], { align: 1, scratch })
        }
        for (let w = 0; w < rows.length; w++)
          wasm.recoverPivot(w, at(matrix), stride, at(rows), rows.length, at(inverses), ...entries)
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
        const panels = [at(w) + skipped, at(v) + skipped] as const
        const place = [matrix, stride, n] as const
        const wanted = [first / ROWS, Math.ceil((first + count) / ROWS)] as const
        sweepBlock(place, first, pivots, panels, () =>
          subtract([0, Math.ceil(n / ROWS)], place, [...wanted, ...pivots, pivots[1], ...panels]),
        )
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
