/** What a run says of itself once its data is read: how, by which options, and what it will need. */
import { itemVectorLength } from '../dataset/items/vectors.ts'
import { baselines } from '../models/baselines/index.ts'
import type { Run, RunData } from './context.ts'
import { checkFootprint, describeFootprint, estimateFootprint } from './footprint.ts'
import { planUntil } from './needed.ts'
import type { RunPlan } from './options/plan.ts'
import { checkRecency } from './recency.ts'
import type { RunTarget } from './request.ts'
import { readDataReport } from './stages/data.ts'
import { itemVectorsFile } from './stages/item-vectors.ts'

/** @throws UsageError when the data has no order that an option needs; RunError when there is not enough memory */
export async function describeRun(run: Run, data: RunData, until: RunTarget): Promise<void> {
  const { plan, emit } = run
  const say = (text: string) => emit({ type: 'message', stage: 'data', text })
  // the command that only reads data prints its decisions itself
  if (until !== 'data') for (const text of (await readDataReport(run.directory)).decisions) say(text)
  if (data.value.train.weights) say(describeWeights(plan))
  if (until === 'data') return
  if (until === 'evaluate' && plan.run.final === 'base') say(WITHOUT_FINAL)
  checkRecency(plan, data.value.train)
  const side = itemVectorsFile(plan, 'side')
  const estimate = estimateFootprint(
    data.value.train,
    planUntil(plan, until),
    until === 'baselines',
    side ? await itemVectorLength(side) : 0,
  )
  checkFootprint(estimate, data.value.train, process.availableMemory() + process.memoryUsage.rss())
  say(`This run needs ${describeFootprint(estimate)}.`)
}

const WITHOUT_FINAL =
  'DTL-NS is left out (--final base, which --preset recommended chooses: on validation, trees and judge added nothing to rows that are fused and ranked again). --final dtl-ns trains it and adds its rows.'

/** Which models make something of weights of interactions, and which take each pair for one. */
function describeWeights(plan: RunPlan): string {
  const names = plan.baselines.map(({ name }) => name)
  const without = names.filter(name => !baselines.get(name).usesWeights)
  const using = ['the losses of trained models', ...names.filter(name => !without.includes(name))].join(' and ')
  return `Weights of interactions enter ${using}${without.length ? `; without weights: ${without.join(', ')}` : ''}.`
}
