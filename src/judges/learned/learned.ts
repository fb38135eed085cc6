import { z } from 'zod'
import type { Dataset } from '../../dataset/dataset.ts'
import { historiesOf } from '../../dataset/histories.ts'
import { PLANTED, type PlantedCases, plantCases } from '../../dataset/splits/planted-cases.ts'
import type { CandidateBlock, FeatureContext, FeatureDefinition } from '../../features/feature.ts'
import { features } from '../../features/index.ts'
import { learnFeatures, openFeatures } from '../../features/table.ts'
import { ascending, filledPlaces } from '../../places.ts'
import { partNames } from '../../registry.ts'
import { chancesOf, fitLogistic } from '../../statistics/logistic.ts'
import { type Candidates, defineJudge, type JudgeControl, judgedPlaces, ruleEach } from '../judge.ts'

/** A tenth of each history is hidden: the histories that are learned from are nearly whole. */
const PLANT = { hidden: 0.1, perUser: 3, perHidden: 1, unobserved: 'popularity' as const }
/** Features that need what a judge has not. */
const WITHOUT = ['vectors', 'verdicts']
/** Whose cases a judge is asked about when it is consulted: one that asks a language model costs money. */
const CONSULTED_USERS = 2000
const known = {
  get names() {
    return features.names.filter(name => !WITHOUT.includes(name))
  },
}

/**
 * Learns what false negatives look like from some that it plants: a part of train is hidden, and told from unobserved items of
 * the same popularity by logistic regression over features of what is left. Confidence is the chance that a candidate is hidden
 * rather than unobserved, at one of each. The codes of the trees have been built with what is hidden: their features look
 * a little better than they are, which an audit shows. Some seconds for 300,000 candidates.
 */
export const learned = defineJudge({
  name: 'learned',
  summary: 'Logistic regression on features, trained on planted false negatives, calibrated.',
  source:
    'own: logistic regression over the features of docs/reference/parts.md, on interactions of train that it hides',
  options: z.object({
    evidence: partNames(known).describe('features to learn from; leaving out codes shows what the trees add'),
    minConfidence: z.number().gt(0).lt(1).default(0.5).describe('least confidence of a positive'),
    consult: z
      .string()
      .default('none')
      .describe(
        'another judge, whose confidences become a feature; it is asked about the candidates and about planted cases of 2,000 users',
      ),
  }),
  create({ train, codes, kernels, seed, consulted }, { evidence, minConfidence }) {
    const definitions = [...evidence, ...(consulted ? ['verdicts'] : [])].map(name => features.get(name))
    return async (candidates, control) => {
      const cases = plantCases(train, seed, { ...PLANT, ...(consulted && { users: CONSULTED_USERS }) })
      const consult = async (data: Dataset, asked: Omit<Candidates, 'scores'>, step: string) => {
        const progress: JudgeControl['progress'] = (done, total, detail = 'users') =>
          control.progress?.(done, total, `${detail}, ${step}`)
        const own = { scores: new Float32Array(asked.items.length), ...asked }
        const verdicts = await consulted?.(data).judge(own, { ...control, progress })
        return {
          kernels,
          seed,
          codes,
          train: data,
          ...(verdicts && { verdicts: judgedPlaces(asked, verdicts), provenance: verdicts.provenance }),
        }
      }
      const taught = await consult(cases.train, { k: cases.k, items: cases.items }, 'planted cases')
      const { score, names } = learn(definitions, cases, taught)
      const asked = await consult(train, candidates, 'candidates')
      control.signal?.throwIfAborted()
      const chances = kernels.memory.scope(() => {
        const set = openFeatures(learnFeatures(definitions, asked), kernels, train.items)
        return chancesOf(score, set.tabulate(everybody(train, candidates), 'all'), kernels)
      })
      const ruling = ruleEach(candidates, (_user, _item, place) => ({
        positive: chances[place] >= minConfidence,
        confidence: chances[place],
      }))
      const weights = Object.fromEntries(names.map((name, f) => [name, score.weights[f]]))
      const { provenance } = asked
      return { ...ruling, details: { weights, ...(provenance && { consulted: provenance }) } }
    }
  },
})

/** Candidates of all users of a data set. */
const everybody = (train: Dataset, { k, items }: Pick<Candidates, 'k' | 'items'>): CandidateBlock => ({
  ...{ histories: historiesOf(train), users: ascending(train.users), k, items },
})

/** The score that tells hidden interactions from unobserved items. */
function learn(definitions: readonly FeatureDefinition[], cases: PlantedCases, context: FeatureContext) {
  const { kernels } = context
  return kernels.memory.scope(() => {
    const set = openFeatures(learnFeatures(definitions, context), kernels, cases.train.items)
    const table = set.tabulate(everybody(cases.train, cases), 'all')
    const places = filledPlaces(cases.items)
    const width = set.names.length
    const rows = new Float32Array(places.length * width)
    places.forEach((place, row) => {
      rows.set(table.subarray(place * width, (place + 1) * width), row * width)
    })
    const truth = Int8Array.from(places, place => Number(cases.truth[place] === PLANTED))
    return { names: set.names, score: fitLogistic(rows, truth, width, kernels) }
  })
}
