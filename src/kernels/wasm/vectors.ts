/** The fast backend's kernels for objectives that look at whole vectors. */
import type { VectorKernels } from '../interface/kernels.ts'
import type { FastLayer } from './layer.ts'

/** Columns / 4 that a piece of a scatter has: a cache line is written by one thread. */
const STRIPS = 4
/** An exponential, in multiply-adds. */
const EXP_COST = 20

export function vectorKernels({ share, at, wasm }: FastLayer): VectorKernels {
  return {
    gatherRows(table, columns, rows, out) {
      share('gatherRows', rows.length, columns, [at(table), columns, at(rows), at(out)])
    },
    gatherNegatives({ users, items, dimensions, hops, hop, pooled }, batch, negatives, out) {
      const { perPositive, pickedHops, items: picks, mix } = negatives
      const itemBytes = users * dimensions * 4
      const tables = [
        at(pooled) + itemBytes,
        at(hop) + itemBytes,
        (users + items) * dimensions * 4,
        dimensions,
        hops,
      ] as const
      const args = [at(batch.positives), perPositive, ...tables, pickedHops, at(picks), at(mix), at(out)] as const
      share('gatherNegatives', batch.size * perPositive, 2 * hops * dimensions, args)
    },
    scatterRows(values, columns, rows, out, scale, weights) {
      const args = [rows.length, at(values), columns, at(rows), at(out), scale, at(weights)] as const
      share('scatterRows', columns / 4, 8 * rows.length, args, { align: STRIPS })
    },
    multiply(a, b, c, { rows, inner, columns, transposed = false, accumulate = false, sparse = false }) {
      const [rowStep, step] = transposed ? [4, rows * 4] : [inner * 4, 4]
      const args = [at(a), rowStep, step, at(b), at(c), inner, columns] as const
      if (sparse && !accumulate) share('multiplySparse', rows, inner, args)
      else share('multiply', rows, (inner * columns) / 4, [...args, Number(accumulate)])
    },
    dotRows(a, b, perRow, columns, out) {
      share('dotRows', b.length / columns, columns, [at(a), at(b), perRow, columns, at(out)])
    },
    dotRowsBack(a, b, derivatives, perRow, columns, toA, toB) {
      const args = [at(a), at(b), at(derivatives), perRow, columns, at(toA), at(toB)] as const
      share('dotRowsBack', b.length / columns / perRow, 2 * perRow * columns, args)
    },
    transpose(x, rows, columns, out) {
      share('transpose', columns, rows, [at(x), rows, columns, at(out)])
    },
    normalizeRows(x, columns, out, norms) {
      share('normalizeRows', norms.length, 2 * columns, [at(x), columns, at(out), at(norms)])
    },
    normalizeRowsBack(unit, norms, columns, gradient) {
      share('normalizeRowsBack', norms.length, 2 * columns, [at(unit), at(norms), columns, at(gradient)])
    },
    gaussianRows(x, columns, scale, sums) {
      share('gaussianRows', sums.length, EXP_COST * columns, [at(x), columns, sums.length, scale, at(sums)])
    },
    sigmoid(x) {
      share('sigmoidAll', x.length, EXP_COST, [at(x)])
    },
    log: value => wasm.log(value),
    sharedSoftmax(
      { scores: block, items, counts, heads, next, forbidden },
      batch,
      negatives,
      scale,
      scores,
      derivatives,
      loss,
    ) {
      const { perPositive, pickedHops, items: picks } = negatives
      const pairs = [
        batch.size,
        at(batch.users),
        at(batch.positives),
        at(batch.weights),
        perPositive,
        pickedHops,
        at(picks),
      ] as const
      const pool = [at(block), items.length, at(items), at(counts), at(heads), at(next)] as const
      const { positive, negative } = derivatives
      const values = [at(scores.positive), at(scores.negative), at(positive), at(negative), at(loss)] as const
      const args = [...pairs, ...pool, at(forbidden.offsets), at(forbidden.indices), scale, ...values] as const
      share('sharedSoftmax', batch.size, EXP_COST * (items.length + perPositive + 1), args)
    },
  }
}
