/** The fast backend's kernels over blocks of vectors in f64. */
import type { BlockKernels } from '../interface/kernels.ts'
import type { FastLayer } from './layer.ts'

/** Columns that a thread sums over at a time: a cache line. */
const STRIP = 8
/** Floats of a piece of what goes element by element are a multiple of this. */
const LANES = 4

export function blockKernels({ share, at }: FastLayer): BlockKernels {
  return {
    gram(table, { rows, width, values }, out) {
      share('gram', width, rows * width, [at(table), at(values), rows, width, at(out)], { align: 4 })
    },
    rotateColumns({ rows, width, values }, factors, out) {
      share('rotateColumns', rows, width * width, [at(values), at(factors), width, at(out.values)])
    },
    columnDots({ rows, width, values }, column, out) {
      const strips = Math.ceil(out.length / STRIP)
      share('columnDots', strips, STRIP * rows, [at(values), rows, width, column, out.length, at(out)], { align: 1 })
    },
    addColumns({ rows, width, values }, column, factors) {
      share('addColumns', rows, 1 + column, [at(values), width, column, at(factors)])
    },
    columnResiduals({ rows, width, values: block }, table, values, out) {
      const strips = Math.ceil(out.length / STRIP)
      const args = [at(block), at(table), rows, width, at(values), out.length, at(out)] as const
      share('columnResiduals', strips, 2 * STRIP * rows, args, { align: 1 })
    },
    narrow(from, to) {
      share('narrow', to.length / LANES, LANES, [at(from), at(to)])
    },
    widen(from, to) {
      share('widen', to.length / LANES, LANES, [at(from), at(to)])
    },
    chebyshevStep(product, current, out, { centre, half }, first) {
      const args = [at(product), at(current), at(out), centre, half, Number(first)] as const
      share('chebyshevStep', out.length / LANES, 4 * LANES, args)
    },
  }
}
