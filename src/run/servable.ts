/** The rows of a table as what can be served: each can be made on train, and once more on other data. */
import type { Dataset } from '../dataset/dataset.ts'
import { baselines } from '../models/baselines/index.ts'
import type { Recommender } from '../models/recommender.ts'
import { formatCount } from '../numbers.ts'
import type { Run } from './context.ts'
import type { PartChoice } from './options/plan.ts'
import { recommenderOf, type TrainedMethod } from './trained-method.ts'

export interface Servable {
  readonly method: string
  /** what it is made with, for fingerprints */
  readonly options: unknown
  /** hashes of the stages that it is made from, by names of their own */
  readonly inputs: Readonly<Record<string, string>>
  /** For validation. Good for the scope of kernel memory that it is called in; a text says why there is none. */
  recommenderOn(train: Dataset): Recommender | string
  /** The same fitted on other data: trained models for as many epochs as validation chose. */
  refitOn(dataset: Dataset): Promise<Recommender | string>
}

/**
 * The strict rows of one seed.
 * @param wanted may be a baseline that is not in the table: it has its usual options then
 */
export function servableRows(run: Run, methods: readonly TrainedMethod[], wanted?: string): Servable[] {
  const inTable = run.plan.baselines.some(({ name }) => name === wanted)
  const extra =
    wanted !== undefined && !inTable && baselines.names.includes(wanted) ? [{ name: wanted, options: {} }] : []
  const strict = methods.filter(({ protocol, retrain }) => protocol === 'strict' && retrain !== undefined)
  return [...[...run.plan.baselines, ...extra].map(choice => baselineRow(run, choice)), ...strict.map(trainedRow)]
}

function baselineRow({ kernels, plan }: Run, { name, options }: PartChoice): Servable {
  const definition = baselines.get(name)
  const fitted = (train: Dataset): Recommender | string => {
    const context = { train, kernels, seed: plan.run.seed }
    const reason = definition.unsupportedReason?.(train, options)
    if (reason !== undefined) return reason
    // what takes steps is too large for kernel memory, and so for a model folder
    if (definition.longFit?.(context, options))
      return `${name} of ${formatCount(train.items)} items is too large to be served: choose another --method, or leave out rare items (--k-core)`
    return definition.fit(context, options)
  }
  return { ...{ method: name, options, inputs: {} }, recommenderOn: fitted, refitOn: async dataset => fitted(dataset) }
}

function trainedRow(trained: TrainedMethod): Servable {
  const { name, options, model, fusion, rerank, retrain } = trained
  return {
    method: name,
    options,
    inputs: {
      [`model of ${name}`]: model.hash,
      ...(fusion && { [`shares of ${name}`]: fusion.hash }),
      ...(rerank && { [`second stage of ${name}`]: rerank.hash }),
    },
    recommenderOn: train => recommenderOf(trained, train, true),
    refitOn: async dataset => recommenderOf({ ...trained, model: await retrain!({ name: 'final', dataset }) }, dataset),
  }
}
