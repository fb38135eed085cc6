/** What the baselines share: their declaration, and rankings from a score for every item. */
import type { z } from 'zod'
import type { Dataset } from '../../dataset/dataset.ts'
import { RunError } from '../../errors.ts'
import type { Floats, Kernels } from '../../kernels/interface/kernels.ts'
import { type OptionsSchema, parseOptions } from '../../options.ts'
import type { BaselineDefinition, FitContext, Recommender } from '../model.ts'
import { copyRowsOf, positionsOf } from '../rows.ts'

/** Declares a baseline; `obstacle` and `fit` get its options checked and typed, and `fit` runs only without obstacle. */
export function defineBaseline<S extends OptionsSchema>(definition: {
  name: string
  summary: string
  source: string
  options: S
  stochastic?: boolean
  obstacle?(train: Dataset, options: z.output<S>): string | undefined
  fit(context: FitContext, options: z.output<S>): Recommender
}): BaselineDefinition & { options: S } {
  const parsed = (options: unknown) => parseOptions(definition.options, options, `baseline "${definition.name}"`)
  return {
    ...definition,
    kind: 'baseline',
    obstacle: (train, options) => definition.obstacle?.(train, parsed(options)),
    fit(context, options) {
      const own = parsed(options)
      const obstacle = definition.obstacle?.(context.train, own)
      if (obstacle) throw new RunError(obstacle)
      return definition.fit(context, own)
    },
  }
}

/** Scores of a block of users are kept below 16 MiB. */
const BLOCK_FLOATS = 2 ** 22

/**
 * A recommender that scores every item for a block of users, then ranks.
 * @param score fills `scores` [users.length × I], in kernel memory and not zeroed; must be finite
 */
export function recommendByScores(
  kernels: Kernels,
  train: Pick<Dataset, 'users' | 'items'>,
  score: (users: Int32Array, scores: Floats) => void,
): Recommender {
  const { memory } = kernels
  const { users: userCount, items } = train
  return {
    users: userCount,
    items,
    recommend: ({ users, seen, k, tieRank }) =>
      memory.scope(() => {
        const rows = Math.max(1, Math.min(users.length, Math.floor(BLOCK_FLOATS / items)))
        const scores = memory.floats(rows * items)
        const ranking = { items, seen: copyRowsOf(memory, seen, users), tieRank: memory.copy(tieRank) }
        const ranked = { k, items: memory.ints(users.length * k), scores: memory.floats(users.length * k) }
        const positions = positionsOf(memory, users)
        for (let begin = 0; begin < users.length; begin += rows) {
          const block = users.subarray(begin, begin + rows)
          const own = scores.subarray(0, block.length * items)
          const [from, to] = [begin * k, (begin + block.length) * k]
          score(block, own)
          const out = { k, items: ranked.items.subarray(from, to), scores: ranked.scores.subarray(from, to) }
          const places = positions.subarray(begin, begin + rows)
          kernels.topKByScores({ ...ranking, users: places, scores: own }, out)
        }
        return { k, items: ranked.items.slice(), scores: Float32Array.from(ranked.scores) }
      }),
  }
}
