/** Which trial is trained next, and how long: asynchronous successive halving, one trial at a time. */

/** A trial that was trained for the budget of a rung, and what validation said. */
export interface Outcome {
  readonly trial: number
  readonly rung: number
  /** larger is better */
  readonly value: number
}

export interface Job {
  readonly trial: number
  readonly rung: number
}

export interface Halving {
  /** trials that begin */
  readonly trials: number
  /** budgets, 1 or more; the last is the whole one */
  readonly rungs: number
  /** one of so many goes on from rung to rung, η */
  readonly reduction: number
}

/**
 * A trial is promoted as soon as it is among the best 1/η of its rung; when none is, a new one begins. At the end the best
 * of the highest rung goes on to the whole budget, so that a small sweep ends there too.
 * @param outcomes so far, in any order
 * @returns undefined when the search is over
 * @source Li et al., "A system for massively parallel hyperparameter tuning" (ASHA), MLSys 2020, arXiv 1810.05934
 */
export function nextJob(outcomes: readonly Outcome[], { trials, rungs, reduction }: Halving): Job | undefined {
  const at = Array.from({ length: rungs }, (_, rung) => rankRung(outcomes, rung))
  const waiting = (rung: number) =>
    at[rung]
      .slice(0, Math.floor(at[rung].length / reduction))
      .find(({ trial }) => at[rung + 1].every(own => own.trial !== trial))
  for (let rung = rungs - 2; rung >= 0; rung--) {
    const best = waiting(rung)
    if (best) return { trial: best.trial, rung: rung + 1 }
  }
  const begun = at[0].reduce((most, { trial }) => Math.max(most, trial + 1), 0)
  if (begun < trials) return { trial: begun, rung: 0 }
  const highest = at.findLastIndex(ranked => ranked.length > 0)
  if (highest < 0 || highest === rungs - 1) return undefined
  return { trial: at[highest][0].trial, rung: highest + 1 }
}

/** The best outcome of the highest rung that any trial reached. */
export function bestOf<T extends Outcome>(outcomes: readonly T[]): T | undefined {
  const highest = outcomes.reduce((most, { rung }) => Math.max(most, rung), 0)
  return rankRung(outcomes, highest)[0]
}

/** Best first; of equals the earlier trial. */
function rankRung<T extends Outcome>(outcomes: readonly T[], rung: number): T[] {
  return outcomes.filter(own => own.rung === rung).sort((a, b) => b.value - a.value || a.trial - b.trial)
}

/** Epochs of each rung, ascending, the last one whole: `epochs` / η^r, but no fewer than one. */
export function rungBudgets(epochs: number, rungs: number, reduction: number): number[] {
  const budgets = Array.from({ length: rungs }, (_, rung) => Math.ceil(epochs / reduction ** (rungs - 1 - rung)))
  return [...new Set(budgets)]
}
