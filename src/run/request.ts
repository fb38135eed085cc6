/** What is asked of a run, and what it has made in the end. */
import type { Part } from '../registry.ts'
import type { Run, RunData } from './context.ts'
import type { MetricsFile } from './metrics-file.ts'
import type { RunPlan } from './options/plan.ts'
import type { OwnOptions, RunOptions } from './options/typed.ts'
import type { Sharding } from './sharding.ts'
import type { StageResult, Watch } from './stage.ts'
import type { Manifest } from './stage-folder.ts'
import type { StoredAudit } from './stages/audit.ts'
import type { Ingredients, TrainedMethod } from './trained-method.ts'

/**
 * How far a run goes; each includes what it needs. `train` is the base model, `base` evaluates it beside the baselines,
 * `audit` and `calibrate` are of the judge.
 */
export const runTargets = [
  'data',
  'baselines',
  'train',
  'base',
  'trees',
  'candidates',
  'judge',
  'audit',
  'calibrate',
  'evaluate',
] as const
export type RunTarget = (typeof runTargets)[number]

export interface RunRequest<P extends readonly Part[] = readonly Part[]> extends Watch {
  /** the run directory; made if it is not there */
  readonly directory: string
  /** file, glob or directory of interactions; absent to go on with the data in the run directory */
  readonly source?: string
  /**
   * parts that are no part of the package, to be named in `options`; a sampler and a baseline get a row of the table in any
   * case. A stage of an earlier run is reused while a part has the same name, options and `version`.
   */
  readonly parts?: P
  /** flat, as `planRun` takes them, a part by its name or as a value; on top of those of an earlier command on the same directory when there is no source */
  readonly options?: RunOptions & OwnOptions<P[number]>
  /** 'evaluate' (everything) when absent */
  readonly until?: RunTarget
  /** a stage that is made again though its options and inputs are as they were */
  readonly remake?: string
  /** refuses to replace a finished run of other data or options */
  readonly keepFinished?: boolean
  /** directory of stages that several runs share: what one has made, the others need not make again */
  readonly store?: string
  /** how some stages are planned, or were made, as shards */
  readonly sharding?: Sharding
  /** What is done with all that was trained for the first seed, in place of evaluating it, while the kernels live. */
  readonly finish?: (run: Run, data: RunData, made: Made) => Promise<void>
}

export interface Made extends Pick<Ingredients, 'trees'> {
  /** none before everything is trained */
  readonly methods: readonly TrainedMethod[]
}

/** With what its methods are made from, of the first seed. */
export interface RunResult extends Partial<Ingredients> {
  readonly directory: string
  readonly plan: RunPlan
  readonly data: RunData
  /** of every stage that the target needed, in order */
  readonly stages: readonly Pick<Manifest, 'stage' | 'seconds' | 'peakBytes'>[]
  /** of the run's judge, and of those it is compared with; after 'audit' and 'calibrate' */
  readonly audits?: readonly StageResult<StoredAudit>[]
  /** the content of `metrics.json`, after 'evaluate', 'base' and 'baselines' */
  readonly metrics?: MetricsFile
}

/** A request whose options come from elsewhere, and are known when they are checked. */
export interface GivenRequest extends Omit<RunRequest, 'options'> {
  readonly options?: Readonly<Record<string, unknown>>
}
