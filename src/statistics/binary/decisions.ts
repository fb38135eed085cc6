/** Yes-or-no decisions against what is true, and against each other. A share of nothing is NaN. */

export interface Decisions {
  readonly truePositives: number
  readonly falsePositives: number
  readonly trueNegatives: number
  readonly falseNegatives: number
  /** of those called positive, the share that are */
  readonly precision: number
  /** of the positives, the share that was called so */
  readonly recall: number
  /** of the negatives, the share that was called positive */
  readonly falsePositiveRate: number
  /** harmonic mean of precision and recall */
  readonly f1: number
}

/** @param called 1 or 0 for each case, along `truth` */
export function scoreDecisions(called: ArrayLike<number>, truth: ArrayLike<number>): Decisions {
  let truePositives = 0
  let falsePositives = 0
  let positives = 0
  for (let at = 0; at < truth.length; at++) {
    positives += truth[at]
    if (!called[at]) continue
    if (truth[at]) truePositives++
    else falsePositives++
  }
  const negatives = truth.length - positives
  return {
    truePositives,
    falsePositives,
    trueNegatives: negatives - falsePositives,
    falseNegatives: positives - truePositives,
    precision: truePositives / (truePositives + falsePositives),
    recall: truePositives / positives,
    falsePositiveRate: falsePositives / negatives,
    f1: (2 * truePositives) / (truePositives + falsePositives + positives),
  }
}

export interface Agreement {
  readonly cases: number
  /** share of the cases in which both say the same */
  readonly agreement: number
  /**
   * Cohen's κ: how far agreement goes beyond that of two who say yes as often, but at random. 1 all, 0 as by chance; NaN
   * when both always say the same one thing.
   * @source Cohen, Educational and Psychological Measurement 20 (1960)
   */
  readonly kappa: number
}

/** @param a 1 or 0 for each case; `b` as well */
export function agreementOf(a: ArrayLike<number>, b: ArrayLike<number>): Agreement {
  const cases = a.length
  let same = 0
  let yesA = 0
  let yesB = 0
  for (let at = 0; at < cases; at++) {
    same += Number(a[at] === b[at])
    yesA += a[at]
    yesB += b[at]
  }
  const agreement = same / cases
  const chance = (yesA * yesB + (cases - yesA) * (cases - yesB)) / cases ** 2
  return { cases, agreement, kappa: (agreement - chance) / (1 - chance) }
}
