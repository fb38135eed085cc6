/**
 * What a judge's confidence is worth: from the planted cases, the chance that a case of that confidence is a hidden
 * interaction. Among real candidates false negatives are rarer than among the cases, so that calibrated confidences are
 * right in their order and proportion, not as shares of the candidates.
 */

import { z } from 'zod'
import type { Verdicts } from '../judges/judge.ts'
import { derive, shuffle } from '../random.ts'
import { checkRequest, column, verdicts as verdictsShape } from '../requests.ts'
import { fitIsotonic, type Steps, stepAt } from '../statistics/binary/isotonic.ts'
import { fitPlatt, type LogisticCurve, logisticAt } from '../statistics/binary/platt.ts'
import { reliabilityOf } from '../statistics/binary/reliability.ts'

export const calibrationMethods = ['isotonic', 'platt'] as const
export type CalibrationMethod = (typeof calibrationMethods)[number]

/** Cases with a valid verdict, a row a case. */
export interface CalibrationCases {
  readonly confidence: Float32Array
  /** 1 for a planted case */
  readonly truth: Int8Array
  readonly users: Int32Array
}

/** Plain JSON. */
export interface Calibration {
  readonly isotonic: Steps
  readonly platt: LogisticCurve
  readonly cases: number
  readonly planted: number
  /** of the judge's own confidences, and of those that were fitted on one half of the users and measured on the other */
  readonly errors: Readonly<Record<'judge' | CalibrationMethod, { expectedError: number; brier: number }>>
}

/** Both curves over all cases. */
export function fitCalibration(cases: CalibrationCases, seed: number, bins: number): Calibration {
  const { confidence, truth } = cases
  const errorsOf = (values: ArrayLike<number>) => {
    const { expectedError, brier } = reliabilityOf(values, truth, bins)
    return { expectedError, brier }
  }
  const crossed = crossFit(cases, seed)
  return {
    isotonic: fitIsotonic(confidence, truth),
    platt: fitPlatt(confidence, truth),
    cases: truth.length,
    planted: truth.reduce((sum, own) => sum + own, 0),
    errors: {
      judge: errorsOf(confidence),
      isotonic: errorsOf(crossed.isotonic),
      platt: errorsOf(crossed.platt),
    },
  }
}

/** For each case, what curves say that were fitted without its user. */
function crossFit({ confidence, truth, users }: CalibrationCases, seed: number) {
  const known = shuffle(Int32Array.from(new Set(users)), derive(seed, 'calibration', 'halves'))
  const firstHalf = new Set(known.subarray(0, Math.ceil(known.length / 2)))
  const isotonic = new Float64Array(truth.length)
  const platt = new Float64Array(truth.length)
  for (const first of [true, false]) {
    const fitted = (_: number, at: number) => firstHalf.has(users[at]) === first
    const [scores, classes] = [confidence.filter(fitted), truth.filter(fitted)]
    const curves = { isotonic: fitIsotonic(scores, classes), platt: fitPlatt(scores, classes) }
    confidence.forEach((value, at) => {
      if (fitted(value, at)) return
      isotonic[at] = calibrate(curves, 'isotonic', value)
      platt[at] = calibrate(curves, 'platt', value)
    })
  }
  return { isotonic, platt }
}

type Curves = Pick<Calibration, CalibrationMethod>

function calibrate(curves: Curves, method: CalibrationMethod, confidence: number): number {
  return method === 'isotonic' ? stepAt(curves.isotonic, confidence) : logisticAt(curves.platt, confidence)
}

const FIELDS = {
  verdicts: verdictsShape,
  curves: z.object({
    isotonic: z.object({ x: column, y: column }),
    platt: z.object({ slope: z.number(), offset: z.number() }),
  }),
  method: z.enum(calibrationMethods),
}

/** The same labels with calibrated confidences. @throws UsageError for curves that are none, and a method that there is not */
export function calibrateVerdicts(verdicts: Verdicts, curves: Curves, method: CalibrationMethod): Verdicts {
  checkRequest('calibrateVerdicts', FIELDS, { verdicts, curves, method })
  const { labels, confidence } = verdicts
  const known = new Map<number, number>()
  const curve = (value: number) => {
    const calibrated = known.get(value) ?? calibrate(curves, method, value)
    known.set(value, calibrated)
    return calibrated
  }
  return { ...verdicts, confidence: confidence.map((value, place) => (labels[place] < 0 ? value : curve(value))) }
}
