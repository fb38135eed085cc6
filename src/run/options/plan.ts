/** What a run is to do: every part that was chosen, with all of its options. */
import type { z } from 'zod'
import type { ItemOptions } from '../../dataset/items/texts.ts'
import type { sourceOptions } from '../../dataset/source.ts'
import type { enhanceOptions } from '../../enhance/enhance.ts'
import type { judgeAuditOptions } from '../../judge-audit/options.ts'
import type { trainingOptions } from '../../training/options.ts'
import type { treeOptions } from '../../trees/options.ts'
import type { runOptions } from './run-options.ts'

/** A part by name with all its options. */
export interface PartChoice {
  readonly name: string
  readonly options: Record<string, unknown>
  /** of a part that is no part of the package */
  readonly version?: string
}

/** A judge, and how it goes about it; options of a judge that it consults are among its own. */
export interface ChosenJudge extends PartChoice {
  readonly runtime: Record<string, unknown>
}

/** A judge of an audit. */
export interface JudgeChoice extends ChosenJudge {
  /** its name; where it has options of its own, with a hash of all that decide its verdicts */
  readonly id: string
}

export interface FusionChoice {
  readonly baseline: PartChoice
  /** best items of either that are looked at */
  readonly depth: number
}

/** Baselines that are searched, and what the best of them is used for. */
export interface TuningChoice {
  /** `fixed` are the options that were given, which no search changes */
  readonly baselines: readonly (PartChoice & { readonly fixed: readonly string[] })[]
  readonly fuse: boolean
  readonly propose: boolean
}

export interface RunPlan {
  readonly source: z.output<typeof sourceOptions>
  readonly run: Omit<
    z.output<typeof runOptions>,
    | 'preset'
    | 'model'
    | 'objective'
    | 'baseSampler'
    | 'sampler'
    | 'compare'
    | 'baselines'
    | 'candidateModel'
    | 'fuseWith'
    | 'fuseDepth'
    | 'tune'
    | 'judge'
  >
  readonly model: PartChoice
  readonly objective: PartChoice
  readonly baseSampler: PartChoice
  readonly sampler: PartChoice
  readonly compare: readonly PartChoice[]
  readonly baselines: readonly PartChoice[]
  /** searches that come before all else; once they are done, their results are in the choices above and below */
  readonly tuning?: TuningChoice
  /** the baseline that proposes candidates; the base model when absent */
  readonly proposer?: PartChoice
  /** what trained models are fused with, when they are */
  readonly fusion?: FusionChoice
  readonly judge: PartChoice
  /** how the judge goes about it; changes no verdict */
  readonly judgeRuntime: Record<string, unknown>
  /** whose confidences the second stage goes by, where it does */
  readonly rerankJudge?: ChosenJudge
  readonly training: z.output<typeof trainingOptions>
  readonly trees: z.output<typeof treeOptions>
  readonly items: ItemOptions
  readonly enhance: z.output<typeof enhanceOptions>
  readonly audit: Omit<z.output<typeof judgeAuditOptions>, 'auditJudges'> & { readonly judges: readonly JudgeChoice[] }
}
