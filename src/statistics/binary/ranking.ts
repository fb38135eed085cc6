/** How well scores part two classes, whatever the threshold. Ties count as ties, never by the order of the cases. */
import { ascending } from '../../places.ts'

/** Cases of which it is known what they are: a score and a class each. */
export interface ScoredCases {
  /** higher: rather positive */
  readonly scores: ArrayLike<number>
  /** 1 for a positive, 0 for a negative */
  readonly truth: ArrayLike<number>
  /** how often each case counts; once when absent */
  readonly weights?: ArrayLike<number>
}

/** Positives and negatives of equal score. */
interface Step {
  positives: number
  negatives: number
}

/**
 * Cases in descending order of score, and where each new score begins. Of use when the same scores are counted with many
 * weights.
 */
export interface ScoreOrder {
  readonly order: Int32Array
  /** positions in `order`, ascending, the first 0 */
  readonly starts: Int32Array
}

export function orderByScore(scores: ArrayLike<number>): ScoreOrder {
  const order = ascending(scores.length).sort((a, b) => scores[b] - scores[a] || a - b)
  const starts: number[] = []
  order.forEach((at, position) => {
    if (position === 0 || scores[at] !== scores[order[position - 1]]) starts.push(position)
  })
  return { order, starts: Int32Array.from(starts) }
}

function stepsOf({ truth, weights }: ScoredCases, { order, starts }: ScoreOrder): Step[] {
  return Array.from(starts, (start, index) => {
    const step = { positives: 0, negatives: 0 }
    for (const at of order.subarray(start, starts[index + 1] ?? order.length))
      step[truth[at] ? 'positives' : 'negatives'] += weights?.[at] ?? 1
    return step
  })
}

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, half of it where they are equal. 0.5 is
 * chance; NaN without cases of both classes.
 * @source Hanley & McNeil, Radiology 143 (1982)
 */
export function rocAuc(cases: ScoredCases, order = orderByScore(cases.scores)): number {
  let area = 0
  let above = 0
  let negatives = 0
  for (const step of stepsOf(cases, order)) {
    area += step.negatives * (above + step.positives / 2)
    above += step.positives
    negatives += step.negatives
  }
  return area / (above * negatives)
}

/**
 * Area under the precision-recall curve as average precision: Σ (recall_n − recall_{n−1}) precision_n over the different
 * scores. The share of positives is chance; NaN without positives.
 * @source Davis & Goadrich, ICML 2006; differs: steps, no interpolation
 */
export function averagePrecision(cases: ScoredCases): number {
  let area = 0
  let found = 0
  let asked = 0
  for (const { positives, negatives } of stepsOf(cases, orderByScore(cases.scores))) {
    found += positives
    asked += positives + negatives
    area += asked ? (positives * found) / asked : 0
  }
  return area / found
}
