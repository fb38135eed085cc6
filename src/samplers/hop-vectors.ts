/** The hop vectors of a batch, for samplers that look at vectors rather than scores. */
import type { Batch, Floats, Negatives } from '../kernels/interface/kernels.ts'
import type { Linear } from '../models/linear.ts'
import type { SamplerContext } from './sampler.ts'

/** Rows of one hop, good until they are gathered again. */
export interface HopRows {
  /** u_h and p_h of each positive [B × D] */
  readonly users: Floats
  readonly positives: Floats
}

export function createHopVectors({ kernels, tables, batchSize, perPositive }: SamplerContext) {
  const { users, items, dimensions, hops, hop } = tables
  const { memory } = kernels
  const length = (users + items) * dimensions
  const [ownUsers, ownPositives] = [memory.floats(batchSize * dimensions), memory.floats(batchSize * dimensions)]
  const picks = memory.ints(batchSize * perPositive)

  /** Those picked in hop h, [S]. */
  const pickedIn = ({ size }: Batch, { items: all, pickedHops }: Negatives, h: number): Int32Array => {
    const own = picks.subarray(0, size * perPositive)
    for (let slot = 0; slot < own.length; slot++) own[slot] = all[slot * pickedHops + h]
    return own
  }

  /** Vectors of items in hop h, zeros for −1, to the beginning of `out`. */
  const gatherItems = (chosen: Int32Array, h: number, out: Floats): Floats => {
    const rows = out.subarray(0, chosen.length * dimensions)
    kernels.gatherRows(hop.subarray(h * length + users * dimensions, (h + 1) * length), dimensions, chosen, rows)
    return rows
  }

  const everyItem = memory.floats(items * dimensions)

  return {
    items: gatherItems,
    /**
     * Their vectors in hop h, given as `rows`, through a layer, to `out`: each item of the catalogue once where that is less
     * work, with the same bits.
     */
    through(layer: Linear, chosen: Int32Array, rows: Floats, h: number, out: Floats): void {
      if (chosen.length <= items) layer.forward(rows, out)
      else {
        layer.forward(hop.subarray(h * length + users * dimensions, (h + 1) * length), everyItem)
        kernels.gatherRows(everyItem, dimensions, chosen, out)
      }
    },
    picked: (batch: Batch, negatives: Negatives, h: number, out: Floats) =>
      gatherItems(pickedIn(batch, negatives, h), h, out),
    /** ū of each positive, to `out` [B × D] */
    pooledUsers({ size, users: own }: Batch, out: Floats): Floats {
      const rows = out.subarray(0, size * dimensions)
      kernels.gatherRows(tables.pooled, dimensions, own.subarray(0, size), rows)
      return rows
    },
    rows({ size, users: own, positives }: Batch, h: number): HopRows {
      const table = hop.subarray(h * length, (h + 1) * length)
      const rows = { users: ownUsers.subarray(0, size * dimensions), positives: ownPositives.subarray(0, size * dimensions) } // biome-ignore format: one line
      kernels.gatherRows(table, dimensions, own.subarray(0, size), rows.users)
      kernels.gatherRows(table.subarray(users * dimensions), dimensions, positives.subarray(0, size), rows.positives)
      return rows
    },
    /** Adds gradients of hop h to the tables of all hops. */
    scatter(batch: Batch, negatives: Negatives, h: number, gradients: HopGradients, tablesOut: Floats): void {
      const userRows = tablesOut.subarray(h * length, (h + 1) * length)
      const itemRows = userRows.subarray(users * dimensions)
      kernels.scatterRows(gradients.users, dimensions, batch.users.subarray(0, batch.size), userRows, 1)
      kernels.scatterRows(gradients.positives, dimensions, batch.positives.subarray(0, batch.size), itemRows, 1)
      kernels.scatterRows(gradients.negatives, dimensions, pickedIn(batch, negatives, h), itemRows, 1)
    },
    /** Puts scores of hop h [S × N] to their places in scores [S × H × N]. */
    place(scores: Floats, perSlot: number, h: number, out: Floats): void {
      for (let slot = 0; slot < scores.length / perSlot; slot++)
        out.set(scores.subarray(slot * perSlot, (slot + 1) * perSlot), (slot * hops + h) * perSlot)
    },
  }
}

/** ∂loss/∂(hop vector) of a batch's users and positives [B × D], and of its picks [S × D]. */
export interface HopGradients extends HopRows {
  readonly negatives: Floats
}
