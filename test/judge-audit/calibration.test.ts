import { expect, it } from 'vitest'
import { calibrateVerdicts, fitCalibration } from '../../src/judge-audit/calibration.ts'
import { INVALID, NEGATIVE, NO_CANDIDATE, POSITIVE } from '../../src/judges/judge.ts'
import { derive, randomStream } from '../../src/random.ts'

/** Far too sure: a confidence c is right in c² of the cases. */
const random = randomStream(derive(1, 'boastful'))
const confidence = Float32Array.from({ length: 8000 }, () => random.below(11) / 10)
const cases = {
  confidence,
  truth: Int8Array.from(confidence, value => Number(random.uniform() < value * value)),
  users: Int32Array.from(confidence, (_, at) => Math.floor(at / 8)),
}
const calibration = fitCalibration(cases, 1, 10)

it('finds what a confidence is worth', () => {
  const { isotonic, platt, ...rest } = calibration
  expect(rest.cases).toBe(8000)
  expect(rest.planted).toBe(cases.truth.filter(Boolean).length)
  const said = Float32Array.of(0, 0.5, 1)
  const verdicts = { labels: new Int8Array(3), confidence: said, provenance: { judge: 'x', options: {}, seed: 1 } }
  const by = (method: 'isotonic' | 'platt') => calibrateVerdicts(verdicts, { isotonic, platt }, method).confidence
  const farthest = (values: Float32Array) => Math.max(...values.map((value, at) => Math.abs(value - said[at] ** 2)))
  expect(farthest(by('isotonic'))).toBeLessThan(0.06)
  expect(farthest(by('platt'))).toBeLessThan(0.12)
})

it('the errors of the curves are those on users whom they have not seen', () => {
  const { judge, isotonic, platt } = calibration.errors
  expect(judge.expectedError).toBeGreaterThan(0.12)
  expect(isotonic.expectedError).toBeLessThan(0.03)
  expect(isotonic.expectedError).toBeGreaterThan(0.001)
  expect(platt.expectedError).toBeLessThan(0.08)
  expect(isotonic.brier).toBeLessThan(judge.brier)
})

it('changes confidences of verdicts only, and no label', () => {
  const verdicts = {
    labels: Int8Array.of(POSITIVE, NEGATIVE, INVALID, NO_CANDIDATE),
    confidence: Float32Array.of(0.9, 0.3, 0, 0),
    provenance: { judge: 'x', options: {}, seed: 1 },
  }
  const curves = { isotonic: { x: [0, 1], y: [0.5, 0.75] }, platt: { slope: 0, offset: 0 } }
  const { labels, confidence: isotonic } = calibrateVerdicts(verdicts, curves, 'isotonic')
  expect(labels).toEqual(verdicts.labels)
  expect([...isotonic]).toEqual([
    Math.fround(0.5 + 0.25 * Math.fround(0.9)),
    Math.fround(0.5 + 0.25 * Math.fround(0.3)),
    0,
    0,
  ])
  expect([...calibrateVerdicts(verdicts, curves, 'platt').confidence]).toEqual([0.5, 0.5, 0, 0])
})
