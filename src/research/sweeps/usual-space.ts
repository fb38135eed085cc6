/** The space that a method is searched in when a person gives none: the options that matter most, wherever it has them. */
import { unusedOptions } from '../../run/options/plan-run.ts'
import type { Method } from './method.ts'
import type { Space } from './space.ts'

/** Ranges of the literature's own searches, a decade or so around the usual values. */
const ofTrained: Space = {
  learningRate: { log: [0.0005, 0.01] },
  regularization: { log: [1e-6, 0.01] },
  layers: { int: [1, 4] },
  candidateNegatives: [8, 16, 32, 64, 128],
  temperature: { log: [0.05, 1] },
}

const ofBaselines: Space = {
  itemKnnNeighbors: [0, 20, 50, 100, 200, 500],
  itemKnnShrinkage: { log: [0.1, 200] },
  easeRegularization: { log: [5, 2000] },
  ialsDimensions: [64, 128, 256],
  ialsUnobservedWeight: { log: [0.005, 0.5] },
  ialsRegularization: { log: [0.05, 2] },
  ialsRegularizationExponent: [0.5, 0.75, 1],
  rp3betaAlpha: [0.25, 0.5, 0.75, 1, 1.25],
  rp3betaBeta: [0, 0.125, 0.25, 0.375, 0.5, 0.75],
  rp3betaShrinkage: { log: [0.1, 50] },
  rp3betaNeighbors: [50, 100, 200, 500, 1000],
}

/** Those of the usual ranges whose option a run of the method uses; what is given is not searched. */
export function usualSpace(method: Method, given: Readonly<Record<string, unknown>> = {}): Space {
  const fixed = { ...given, ...method.options }
  const usual = method.until === 'baselines' ? ofBaselines : ofTrained
  // a value within the range of every option, to ask by
  const asked = Object.fromEntries(Object.entries(usual).map(([option, dimension]) => [option, lowest(dimension)]))
  const unused = unusedOptions({ ...asked, ...fixed })
  return Object.fromEntries(Object.entries(usual).filter(([option]) => !(option in fixed) && !unused.includes(option)))
}

function lowest(dimension: Space[string]): string | number | boolean {
  if (Array.isArray(dimension)) return dimension[0]
  const [bounds] = Object.values(dimension) as [number, number][]
  return bounds[0]
}
