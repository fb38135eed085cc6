/** All that a report shows, gathered from a run directory. Plain data: what is here can be JSON (NaN then reads null). */
import type { RunComparison } from '../../comparison/runs.ts'
import type { DataReport } from '../../dataset/report.ts'
import type { HeldOutPart } from '../../dataset/split.ts'
import type { SecondStage } from '../../evaluation/second-stage.ts'
import type { AuditReport } from '../../judge-audit/audit.ts'
import type { Calibration } from '../../judge-audit/calibration.ts'
import type { PrefixRate } from '../../judges/shared-prefix.ts'
import type { Variant } from '../../run/metrics-file.ts'
import type { StageProfile } from '../../run/profile.ts'
import type { Manifest } from '../../run/stage-folder.ts'
import type { EpochRecord } from '../../training/checkpoint.ts'
import type { CodeAgreement } from '../../trees/agreement.ts'
import type { TreeShape } from '../../trees/tree.ts'
import type { ReportBest } from './best.ts'

export interface ReportData {
  readonly title: string
  /** one sentence: what was run and what came out */
  readonly summary: string
  /** absent when nothing was measured */
  readonly best?: ReportBest
  readonly dataHash: string
  readonly data: DataReport
  readonly environment: Readonly<Record<string, string | number>>
  /** options by group: "training" → { epochs: 300, … }, a part { name, options }, or a list of parts */
  readonly options: Readonly<Record<string, unknown>>
  readonly rows: readonly ReportRow[]
  /** the held-out part that `rows` are of */
  readonly evaluatedOn: 'test' | 'valid'
  /** metrics of `rows` that the main table shows, in order: "recall@10", … */
  readonly metrics: readonly string[]
  /** the method in question against each other one; absent when there is no other */
  readonly comparison?: RunComparison
  /** of the first seed; absent when no list is ranked again */
  readonly secondStage?: SecondStage
  /** learning curve of each trained model */
  readonly curves: readonly ReportCurve[]
  readonly trees: readonly ReportTree[]
  /** codes against behaviour, for each tree */
  readonly agreement?: readonly ReportAgreement[]
  /** absent when nothing was judged */
  readonly judge?: ReportJudge
  /** absent when no judge was audited */
  readonly audits?: ReportAudits
  /** single users to look at; absent when nothing was judged */
  readonly inspector?: ReportInspector
  /** with the hash of inputs and options (`key`), and of each file, where they are known */
  readonly stages: readonly (Pick<Manifest, 'stage' | 'seconds' | 'peakBytes'> &
    Partial<Pick<Manifest, 'key' | 'files'>>)[]
  /** where the time of the stages went, when the run was asked to say so */
  readonly profile?: readonly StageProfile[]
}

export interface ReportRow {
  readonly method: string
  /** all that the method depends on */
  readonly options?: Readonly<Record<string, unknown>>
  readonly protocol: 'strict' | 'released'
  readonly variant: Variant
  readonly seconds: number
  /** means over the seeds of the run */
  readonly metrics: Readonly<Record<string, number>>
  /** standard deviations over the seeds, where there are several */
  readonly deviations?: Readonly<Record<string, number>>
  /** why there are no figures */
  readonly skipped?: string | undefined
}

export interface ReportCurve {
  readonly method: string
  readonly history: readonly EpochRecord[]
  readonly bestEpoch: number
}

/** A tree's shape; `root` is what an icicle draws. */
export interface ReportTree extends TreeShape {
  readonly view: 'structural' | 'semantic'
  readonly root: ReportNode
}

export interface ReportNode {
  readonly items: number
  /** its items that most users have met, first the one with the most */
  readonly popular?: readonly PopularItem[]
  /** child n is at position n; absent in a leaf */
  readonly children?: readonly ReportNode[]
}

export interface PopularItem {
  /** as it is called */
  readonly item: string
  /** in train */
  readonly interactions: number
}

export interface ReportAgreement extends CodeAgreement {
  readonly view: ReportTree['view']
}

export interface ReportJudge {
  readonly name: string
  readonly candidates: number
  readonly positives: number
  readonly invalid: number
  /** by the longest prefix that a candidate shares with the user's history in either view, from 0 */
  readonly byPrefix: readonly ReportPrefixRate[]
  /** the held-out parts in which `byPrefix` was looked up */
  readonly opened?: readonly ('valid' | 'test')[]
  /** where the truth is known (planted data): how good the verdicts are */
  readonly accuracy?: { readonly precision: number; readonly recall: number; readonly baseRate: number }
}

export interface ReportAudits {
  /** a judge each, all on the same planted cases */
  readonly reports: readonly AuditReport[]
  readonly calibration?: Calibration
}

export interface ReportPrefixRate extends PrefixRate {
  /** candidates that turned out to be held-out interactions */
  readonly heldOut?: number
  /** of them, those judged positive */
  readonly heldOutPositives?: number
}

/** A sample of users with all that the judge saw and said of them. */
export interface ReportInspector {
  /** users with candidates, of whom `sample` is drawn */
  readonly users: number
  /** decides the sample */
  readonly seed: number
  /** whose ranks the held-out items of `part` have, and how long its lists are; absent when it was not evaluated */
  readonly ranked?: { readonly method: string; readonly k: number; readonly part: HeldOutPart }
  /** all items that the sample mentions */
  readonly items: readonly InspectedItem[]
  readonly sample: readonly InspectedUser[]
}

export interface InspectedItem {
  /** external */
  readonly id: string | number
  readonly title?: string
  /** codes, such as "2-0-3" */
  readonly structural: string
  readonly semantic: string
  /** in train */
  readonly interactions: number
}

export interface InspectedUser {
  /** external */
  readonly id: string | number
  /** positions in `items`; at most the first few hundred of `historyLength` */
  readonly history: readonly number[]
  readonly historyLength: number
  /** best first */
  readonly candidates: readonly InspectedCandidate[]
  /** positions in `items`, and where the list of `ranked` has them, from 1 */
  readonly heldOut: readonly { readonly item: number; readonly part: 'valid' | 'test'; readonly rank?: number }[]
  /** what the judge answered, word for word, where it answers in words */
  readonly answer?: string
}

export interface InspectedCandidate {
  /** position in `items` */
  readonly item: number
  readonly verdict: 'positive' | 'negative' | 'invalid'
  /** 0 to 1 */
  readonly confidence: number
  /** the item of the history whose code agrees longest, as a position in `items`, and for how many steps; by view */
  readonly nearest: { readonly structural: Nearest; readonly semantic: Nearest }
}

export interface Nearest {
  readonly steps: number
  readonly item: number
}
