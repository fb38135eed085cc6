/** Whether a confidence of 0.8 is right in 80 % of the cases. */

export interface ReliabilityBin {
  /** confidences from here … */
  readonly from: number
  /** … to here, without the end but in the last bin */
  readonly to: number
  readonly cases: number
  /** mean confidence; NaN in an empty bin, as `share` is */
  readonly confidence: number
  /** of its cases, the share that are positive */
  readonly share: number
}

export interface Reliability {
  readonly bins: readonly ReliabilityBin[]
  /** expected calibration error: Σ cases_b / cases · |confidence_b − share_b|, 0 at best */
  readonly expectedError: number
  /** mean squared distance of confidence and truth, 0 at best */
  readonly brier: number
}

/**
 * @param confidence 0 to 1 for each case
 * @param truth 1 or 0, along `confidence`
 * @param count bins of equal width
 * @source Naeini, Cooper, Hauskrecht, AAAI 2015
 */
export function reliabilityOf(confidence: ArrayLike<number>, truth: ArrayLike<number>, count = 10): Reliability {
  const sums = Array.from({ length: count }, () => ({ cases: 0, confidence: 0, positives: 0 }))
  let squares = 0
  for (let at = 0; at < confidence.length; at++) {
    const bin = sums[Math.min(count - 1, Math.floor(confidence[at] * count))]
    bin.cases++
    bin.confidence += confidence[at]
    bin.positives += truth[at]
    squares += (confidence[at] - truth[at]) ** 2
  }
  const bins = sums.map(({ cases, confidence, positives }, index) => ({
    from: index / count,
    to: (index + 1) / count,
    cases,
    confidence: confidence / cases,
    share: positives / cases,
  }))
  const gaps = sums.map(bin => Math.abs(bin.confidence - bin.positives))
  return {
    bins,
    expectedError: gaps.reduce((sum, gap) => sum + gap, 0) / confidence.length,
    brier: squares / confidence.length,
  }
}
