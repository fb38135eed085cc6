/** Stages `tune-…`: options of a baseline, searched on validation before anything is made with them. */
import { UsageError } from '../../errors.ts'
import { bestSearch, type SearchResult, searchOptions } from '../../evaluation/search-options.ts'
import { baselineKey } from '../../models/baselines/baseline.ts'
import { baselines } from '../../models/baselines/index.ts'
import { flagName } from '../../options.ts'
import type { Run, RunData } from '../context.ts'
import type { PartChoice, RunPlan, TuningChoice } from '../options/plan.ts'
import { runJsonStage } from '../stage.ts'
import { onValidation } from './on-validation.ts'

/**
 * The plan with what the searches found: their options wherever the baselines are used, and the best of them where "tuned"
 * was asked for.
 * @throws UsageError when none of the baselines can be used with this data
 */
export async function tunePlan(run: Run, data: RunData): Promise<RunPlan> {
  const { plan } = run
  const { tuning } = plan
  if (!tuning) return plan
  const found: (SearchResult & { name: string })[] = []
  const reasons: string[] = []
  for (const baseline of tuning.baselines) {
    const reason = baselines.get(baseline.name).unsupportedReason?.(data.value.train, baseline.options)
    if (reason === undefined) found.push({ name: baseline.name, ...(await tuneStage(run, data, baseline)) })
    else reasons.push(reason)
  }
  const say = (text: string) => run.emit({ type: 'message', stage: 'tune', text })
  if (found.length === 0) throw new UsageError(`--tune: ${reasons.join('; ')}`)
  for (const reason of reasons) say(`Not searched: ${reason}.`)
  for (const result of found) say(describeSearch(result, tuning))
  const best = bestSearch(found)
  const chosen: PartChoice = { name: best.name, options: { ...best.best.options } }
  if (tuning.fuse || tuning.propose) say(`Best of them on validation: ${best.name}.`)
  const tuned = (choice: PartChoice): PartChoice => {
    const own = found.find(({ name }) => name === choice.name)
    return own ? { name: own.name, options: { ...own.best.options } } : choice
  }
  return {
    ...plan,
    baselines: plan.baselines.map(tuned),
    ...(plan.proposer && { proposer: tuning.propose ? chosen : tuned(plan.proposer) }),
    ...(plan.fusion && { fusion: { ...plan.fusion, baseline: tuning.fuse ? chosen : tuned(plan.fusion.baseline) } }),
  }
}

async function tuneStage(run: Run, data: RunData, { name, options, fixed }: TuningChoice['baselines'][number]) {
  const { seed } = run.plan.run
  const definition = baselines.get(name)
  const { value } = await runJsonStage<SearchResult>(run, {
    name: `tune-${name}`,
    title: `Searching the options of ${name} on validation`,
    options: { seed, name, options, fixed, search: definition.search },
    inputs: { data: data.hash },
    file: 'search.json',
    make(report) {
      const context = { train: data.value.train, kernels: run.kernels, seed }
      const progress = (tried: number, most: number) => report.progress(tried, most, 'settings')
      return searchOptions(definition, options, fixed, context, { ...onValidation(run, data), progress })
    },
  })
  return value
}

/** "rp3beta: Recall@20 .1655, NDCG@20 .1114 on validation with --rp3beta-beta 0.25; …" */
function describeSearch({ name, best, trials }: SearchResult & { name: string }, { baselines: asked }: TuningChoice) {
  const start = asked.find(baseline => baseline.name === name)!.options
  const changed = Object.keys(best.options).filter(key => best.options[key] !== start[key])
  const flags = changed.map(key => `${flagName(baselineKey(name, key))} ${best.options[key]}`)
  const how = flags.length > 0 ? `with ${flags.join(' ')}` : 'as it was'
  const [first] = trials
  const figures = (trial: typeof first) => `Recall@20 ${trial.recall.toFixed(4)}, NDCG@20 ${trial.ndcg.toFixed(4)}`
  return `${name} ${how}: ${figures(best)} on validation, the best of ${trials.length} settings (from ${figures(first)}).`
}
