/**
 * A run over several seeds. What the data decides is made once: the split, and the baselines that no seed enters. All
 * that a seed enters is made for each: the base model, and with it the trees, the candidates, the verdicts and DTL-NS.
 * The folders of the first seed have the stages' plain names; those of seed 3 end with `-seed3`. What is made for a seed
 * does not depend on which other seeds there are: `--seed 1 --seeds 5` goes on from `--seed 1`, and its row of seed 3
 * says what `--seed 3` alone says.
 */
import type { BaselineDefinition } from '../models/model.ts'
import type { Run } from './context.ts'
import type { RunPlan } from './options/plan.ts'

/** seed, seed + 1, … */
export function seedsOf({ run: { seed, seeds } }: Pick<RunPlan, 'run'>): number[] {
  return Array.from({ length: seeds }, (_, index) => seed + index)
}

/** The run as its stages see it for each seed, the first being `run` itself. */
export function runsBySeed(run: Run): Run[] {
  return seedsOf(run.plan).map((seed, index) => {
    if (index === 0) return run
    const plan = { ...run.plan, run: { ...run.plan.run, seed } }
    return { ...run, plan, repeatSeed: seed }
  })
}

/** The runs in which a baseline is made: all, or the first for what comes out the same for every seed. */
export function repeatsOf({ stochastic }: BaselineDefinition, runs: readonly Run[]): readonly Run[] {
  return stochastic ? runs : runs.slice(0, 1)
}
