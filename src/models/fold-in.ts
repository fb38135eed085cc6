/** Vectors for histories that no vector was trained for. */
import type { Floats, Kernels, PackedItems, SparseRows } from '../kernels/interface/kernels.ts'
import { ascending } from '../places.ts'
import { power } from '../powers.ts'
import type { HistoryBlock } from './recommender.ts'
import { copyItemRows } from './rows.ts'

/**
 * Vectors [rows × D] for histories in kernel memory, zeroed before: for anybody from the history alone, for a user who was
 * trained with another history from what is known of them too.
 */
export type FoldIn = (block: HistoryBlock, out: Floats) => void

export interface RidgeOptions {
  /** α, weight of all items, whether or not in the history */
  readonly unobservedWeight: number
  /** λ */
  readonly regularization: number
  /** κ, 1 when absent */
  readonly regularizeUnobserved?: number
  /** ν, 1 when absent */
  readonly regularizationExponent?: number
}

/**
 * λ (c + κ α n)^ν for each row [rows], c the sum of its weights and n the number of rows of the other table: strengths that grow with how
 * often a row is looked at.
 * @source Rendle et al., arXiv 2110.14037 eq. 6, where κ = 1; with κ = 0 and ν = 1, Zhou et al., "Large-scale parallel collaborative filtering", AAIM 2008
 */
export function ridgesOf(
  { memory }: Kernels,
  { offsets, values }: Pick<SparseRows, 'offsets' | 'values'>,
  others: number,
  { unobservedWeight, regularization, regularizeUnobserved = 1, regularizationExponent = 1 }: RidgeOptions,
): Floats {
  const ridges = memory.floats(offsets.length - 1)
  for (let row = 0; row < ridges.length; row++) {
    let looked = regularizeUnobserved * unobservedWeight * others
    for (let entry = offsets[row]; entry < offsets[row + 1]; entry++) looked += values?.[entry] ?? 1
    ridges[row] = regularization * (regularizationExponent === 1 ? looked : power(looked, regularizationExponent))
  }
  return ridges
}

/**
 * u = argmin Σ_{i ∈ history} c_i (u·i − 1)² + α Σ_{all i} (u·i)² + λ_u ‖u‖² with λ_u of `ridgesOf`, solved by conjugate gradients until
 * nothing is left of the residual: what iALS would give the user, with the item vectors as they are.
 * @param gram [D × D], α times that of the item vectors: see `weightedGram`
 */
export function ridgeFoldIn(
  kernels: Kernels,
  panels: PackedItems,
  items: number,
  gram: Floats,
  options: RidgeOptions,
): FoldIn {
  const { memory } = kernels
  const dimensions = Math.sqrt(gram.length)
  return ({ histories }, out) =>
    memory.scope(() => {
      const { length } = histories.indices
      const vectors = memory.floats(length * dimensions)
      copyItemRows(panels, dimensions, histories.indices, vectors)
      const rows = { ...histories, indices: memory.copy(ascending(length)) }
      const ridges = ridgesOf(kernels, rows, items, options)
      kernels.improveRows(out, vectors, rows, gram, ridges, { dimensions, steps: 2 * dimensions })
    })
}

/** gram = weight · Σ_r x_r x_rᵀ [D × D], over the rows of x. */
export function weightedGram(kernels: Kernels, x: Floats, dimensions: number, weight: number, gram: Floats): void {
  const inner = x.length / dimensions
  kernels.multiply(x, x, gram, { rows: dimensions, inner, columns: dimensions, transposed: true })
  for (let at = 0; at < gram.length; at++) gram[at] *= weight
}

/** What a model that propagates along the interactions keeps, so that it can do so for a history that it has not seen. */
export interface Propagated {
  /** [U × D] the user's own vector before propagation */
  readonly users: Float32Array
  /** [I × D] the sum of an item's vectors before each step, divided by √d_i */
  readonly items: Float32Array
  /** tables that were averaged, H */
  readonly hops: number
}

/**
 * u = (e_u + Σ_{i ∈ history} c_i q_i / √(Σ c_i)) / H, with q_i as in `Propagated.items`, for users who were trained:
 * what propagation gives the user while nothing else moves. The history that was trained on gives the trained vector.
 */
export function propagationFoldIn(kernels: Kernels, { users, items, hops }: Propagated, dimensions: number): FoldIn {
  const { memory } = kernels
  const table = memory.resident(items)
  return ({ histories: { offsets, indices, values }, users: known }, out) =>
    memory.scope(() => {
      const weights = memory.floats(indices.length)
      for (let row = 0; row + 1 < offsets.length; row++) {
        let degree = 0
        for (let entry = offsets[row]; entry < offsets[row + 1]; entry++) degree += values?.[entry] ?? 1
        for (let entry = offsets[row]; entry < offsets[row + 1]; entry++)
          weights[entry] = (values?.[entry] ?? 1) / (hops * Math.sqrt(degree))
        const user = known![row]
        for (let d = 0; d < dimensions; d++) out[row * dimensions + d] = users[user * dimensions + d] / hops
      }
      kernels.spmm({ offsets, indices, values: weights }, table, out, dimensions, memory.copy(out))
    })
}
