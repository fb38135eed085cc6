import { z } from 'zod'
import type { Dataset } from '../../dataset/dataset.ts'
import { historiesOf } from '../../dataset/histories.ts'
import { features } from '../../features/index.ts'
import { learnFeatures, openFeatures } from '../../features/table.ts'
import { chancesOf, fitLogistic } from '../../statistics/logistic.ts'
import { defineJudge, type JudgeContext, ruleEach } from '../judge.ts'
import { PLANTED, plantCases } from '../planted-cases.ts'

/** A tenth of each history is hidden: the histories that are learned from are nearly whole. */
const PLANT = { hidden: 0.1, perUser: 3, perHidden: 1, unobserved: 'popularity' as const }
/** Features that need what a judge has not. */
const WITHOUT = ['vectors']
const known = features.names.filter(name => !WITHOUT.includes(name))

/**
 * Learns what false negatives look like from some that it plants: a part of train is hidden, and told from unobserved items of
 * the same popularity by logistic regression over features of what is left. Confidence is the chance that a candidate is hidden
 * rather than unobserved, at one of each. The codes of the trees have been built with what is hidden: their features look
 * a little better than they are, which an audit shows. Some seconds for 300,000 candidates.
 */
export const learned = defineJudge({
  name: 'learned',
  summary: 'Learned from planted false negatives: features of the history and the candidate, as a calibrated chance.',
  source:
    'own: logistic regression over the features of docs/reference/parts.md, on interactions of train that it hides',
  options: z.object({
    evidence: z
      .array(z.enum(known as [string, ...string[]]))
      .min(1)
      .default([...known])
      .describe('features that it learns from; without codes it says what the trees add'),
    minConfidence: z.number().gt(0).lt(1).default(0.5).describe('chance from which a candidate is positive'),
  }),
  create({ train, codes, kernels, seed }, { evidence, minConfidence }) {
    const definitions = evidence.map(name => features.get(name))
    const context = { kernels, seed, codes }
    return async (candidates, { signal }) => {
      const { score, names } = learn(definitions, train, context, seed)
      signal?.throwIfAborted()
      const chances = kernels.memory.scope(() => {
        const set = openFeatures(learnFeatures(definitions, { ...context, train }), kernels, train.items)
        return chancesOf(score, set.tabulate({ histories: historiesOf(train), ...candidates }, 'all'), kernels)
      })
      const ruling = ruleEach(candidates, (_user, _item, place) => ({
        positive: chances[place] >= minConfidence,
        confidence: chances[place],
      }))
      return { ...ruling, details: { weights: Object.fromEntries(names.map((name, f) => [name, score.weights[f]])) } }
    }
  },
})

/** The score that tells hidden interactions from unobserved items. */
function learn(
  definitions: Parameters<typeof learnFeatures>[0],
  train: Dataset,
  context: Pick<JudgeContext, 'kernels' | 'seed' | 'codes'>,
  seed: number,
) {
  const { kernels } = context
  const cases = plantCases(train, seed, PLANT)
  return kernels.memory.scope(() => {
    const states = learnFeatures(definitions, { ...context, train: cases.train })
    const set = openFeatures(states, kernels, train.items)
    const table = set.tabulate({ histories: historiesOf(cases.train), k: cases.k, items: cases.items }, 'all')
    const places = Int32Array.from(cases.items.keys()).filter(place => cases.items[place] >= 0)
    const width = set.names.length
    const rows = new Float32Array(places.length * width)
    places.forEach((place, row) => {
      rows.set(table.subarray(place * width, (place + 1) * width), row * width)
    })
    const truth = Int8Array.from(places, place => Number(cases.truth[place] === PLANTED))
    return { names: set.names, score: fitLogistic(rows, truth, width, kernels) }
  })
}
