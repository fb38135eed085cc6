/** Vectors of the last epochs, for samplers that look at how scores change. */
import type { Batch, Tables } from '../../kernels/interface/kernels.ts'
import type { SamplerContext, SamplerState } from '../sampler.ts'

/** As many epochs are kept. */
export const SNAPSHOTS = 5

/**
 * Pooled vectors as they were at the beginning of the last epochs; in kernel memory, 20 (U + I) D bytes. Those of a user are
 * taken when an epoch first meets the user, which is when a model has computed them.
 */
export function createSnapshots({ kernels, tables }: SamplerContext) {
  const { users, items, dimensions, pooled } = tables
  const { memory } = kernels
  const vectors = Array.from({ length: SNAPSHOTS }, () => memory.floats(pooled.length))
  /** epoch that each place holds, 0 for none; then the last epoch that met each user */
  const epochs = new Int32Array(SNAPSHOTS)
  const met = new Int32Array(users)
  const state: SamplerState = {
    ...Object.fromEntries(vectors.map((values, at) => [`snapshot.${at}`, values])),
    snapshotEpochs: epochs,
    metInEpoch: met,
  }
  const asTables = vectors.map((values): Tables => ({ users, items, dimensions, hops: 1, hop: values, pooled: values }))

  return {
    state,
    /** Keeps what is new since the last call. */
    take({ size, users: own }: Batch, epoch: number): void {
      const place = epoch % SNAPSHOTS
      if (epochs[place] !== epoch) {
        // users whom this epoch does not meet keep their vectors of before
        vectors[place].set(pooled)
        epochs[place] = epoch
      }
      for (let b = 0; b < size; b++) {
        const user = own[b]
        if (met[user] === epoch) continue
        met[user] = epoch
        const [from, to] = [user * dimensions, (user + 1) * dimensions]
        vectors[place].set(pooled.subarray(from, to), from)
      }
    },
    /** The vectors of epochs epoch − 4 … epoch, of those that were met. */
    tables: (epoch: number) => asTables.filter((_, at) => epochs[at] > Math.max(0, epoch - SNAPSHOTS)),
    /** The first of them that is of an earlier epoch, and how many epochs ago that was; none in the first epoch. */
    oldest(epoch: number): { readonly vectors?: Tables; readonly epochs: number } {
      let first = epoch
      for (const own of epochs) if (own > Math.max(0, epoch - SNAPSHOTS) && own < first) first = own
      return first === epoch ? { epochs: 0 } : { vectors: asTables[first % SNAPSHOTS], epochs: epoch - first }
    },
  }
}
