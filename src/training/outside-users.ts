/**
 * Vectors of users that kernel memory cannot hold: they lie in ordinary memory, with what the optimizer remembers of them, and
 * come into the kernels' memory for a batch, as a table of a row per user of the batch. Kernels see the same numbers in the same
 * order: training gives the same bits.
 */
import type { DataSizes } from '../dataset/dataset.ts'
import type { Batch, CsrPattern, KernelMemory, Kernels } from '../kernels/interface/kernels.ts'
import { initializeRows } from '../models/embeddings.ts'
import { models } from '../models/index.ts'
import type { Draw, EmbeddingDefinition, EmbeddingModel } from '../models/model.ts'
import { objectives } from '../objectives/index.ts'
import type { ObjectiveDefinition } from '../objectives/objective.ts'
import { type Choice, chosen, parsePart } from '../registry.ts'
import { knowsUsersByBatch, type SamplerChoice } from '../samplers/index.ts'
import type { Optimizer } from './optimizer.ts'
import type { TrainingOptions } from './options.ts'
import { createRowCopies } from './row-copies.ts'

/** What a table of all vectors would take in the kernels' memory, as `docs/reference/memory.md` counts it. */
export function tableBytes(
  { users, items, interactions }: DataSizes,
  vectorLength: number,
  optimizer: 'adam' | 'adagrad',
): number {
  const nodes = users + items
  const remembered = optimizer === 'adam' ? 2 * vectorLength : 1
  // values, gradients; the order of an epoch and what is never drawn; the ranking's items
  return 4 * (nodes * (2 * vectorLength + remembered) + 2 * interactions + users + items * vectorLength) + 10 * nodes
}

interface PartsOnData {
  readonly kernels: Kernels
  readonly train: DataSizes
  readonly model: Choice<EmbeddingDefinition>
  readonly sampler: SamplerChoice
  readonly objective: Choice<ObjectiveDefinition>
  readonly sideItems?: unknown
}

/** Whether the table of all vectors is too large for the kernels' memory, and every part can do without it. */
export function usersLieOutside(
  { kernels, train, model, sampler, objective, sideItems }: PartsOnData,
  { optimizer, regularization, regularized }: Pick<TrainingOptions, 'optimizer' | 'regularization' | 'regularized'>,
): boolean {
  const { definition, options } = chosen(models, model)
  const parts = { model: definition, sampler, objective: chosen(objectives, objective).definition }
  if (sideItems || !areByBatch(parts) || (regularized === 'all' && regularization > 0)) return false
  const { dimensions } = parsePart('model', definition, options)
  return tableBytes(train, Number(dimensions), optimizer) > kernels.memory.limit
}

/** Whether parts know users by the batch alone. */
export function areByBatch(parts: {
  readonly model: EmbeddingDefinition
  readonly sampler: SamplerChoice
  readonly objective: ObjectiveDefinition
}): boolean {
  const { model, sampler, objective } = parts
  return (
    model.usersByBatch === true &&
    knowsUsersByBatch(sampler) &&
    (objective.kind === 'scores' || objective.usersByBatch === true)
  )
}

export interface UserSlots {
  /** rows of the table in kernel memory */
  readonly count: number
  /** user → items never drawn, of the users of the batch that was brought in; in kernel memory */
  readonly forbidden: CsrPattern
  /** The batch with its users by their rows; overwritten by the next. */
  bring(batch: Batch): Batch
  /** The users of the batch that was brought in, by row; the first `filled` hold. */
  readonly users: Int32Array
  readonly filled: number
}

/** Rows are given out in the order in which a batch names its users. */
export function createUserSlots(
  memory: KernelMemory,
  users: number,
  forbidden: CsrPattern,
  batchSize: number,
): UserSlots {
  const count = Math.min(users, batchSize)
  const offsets = memory.ints(count + 1)
  const indices = memory.ints(longestRows(forbidden, count))
  const numbered = memory.ints(batchSize)
  const slotOf = new Int32Array(users).fill(-1)
  const own = new Int32Array(count)
  let filled = 0
  return {
    count,
    forbidden: { offsets, indices },
    users: own,
    get filled() {
      return filled
    },
    bring(batch) {
      for (let slot = 0; slot < filled; slot++) slotOf[own[slot]] = -1
      filled = 0
      for (let b = 0; b < batch.size; b++) {
        const user = batch.users[b]
        if (slotOf[user] < 0) {
          const [from, to] = [forbidden.offsets[user], forbidden.offsets[user + 1]]
          indices.set(forbidden.indices.subarray(from, to), offsets[filled])
          offsets[filled + 1] = offsets[filled] + to - from
          own[filled] = user
          slotOf[user] = filled++
        }
        numbered[b] = slotOf[user]
      }
      return { ...batch, users: numbered }
    },
  }
}

/** Entries of the `count` longest rows together. */
function longestRows({ offsets }: CsrPattern, count: number): number {
  const lengths = new Int32Array(offsets.length - 1)
  for (let row = 0; row < lengths.length; row++) lengths[row] = offsets[row + 1] - offsets[row]
  lengths.sort()
  return lengths.subarray(lengths.length - count).reduce((sum, length) => sum + length, 0)
}

export interface OutsideUsers {
  /** [U × ·] in ordinary memory, by the names of the arrays whose first rows are those of a batch's users */
  readonly arrays: Readonly<Record<string, Float32Array>>
  bring(batch: Batch): Batch
  /** The rows of the last batch go back. */
  putBack(): void
}

/** The vectors of users as they are drawn, and zeros for what the optimizer remembers of them. */
export function usersOutside(
  slots: UserSlots,
  users: number,
  { parameters: { embeddings }, tables: { items, dimensions } }: EmbeddingModel,
  { state }: Pick<Optimizer, 'state'>,
  draw: Draw,
): OutsideUsers {
  const remembered = Object.entries(state).filter(([name]) => name.startsWith('embeddings.'))
  const moved = Object.entries({ embeddings: embeddings.values, ...Object.fromEntries(remembered) }).map(
    ([name, values]) => {
      const width = values.length / (slots.count + items)
      const table = new Float32Array(users * width)
      return { name, table, rows: createRowCopies(table, values, width) }
    },
  )
  initializeRows(moved[0].table, users, dimensions, draw, 'users')
  return {
    arrays: Object.fromEntries(moved.map(({ name, table }) => [name, table])),
    bring(batch) {
      const own = slots.bring(batch)
      for (const { rows } of moved) rows.gather(slots.users, slots.filled)
      return own
    },
    putBack() {
      for (const { rows } of moved) rows.scatter(slots.users, slots.filled)
    },
  }
}
