/** What a run's judge said, read from the run directory and set beside what was held out. */
import { join } from 'node:path'
import type { Split } from '../dataset/split.ts'
import { heldOutItems, heldOutPlaces } from '../evaluation/held-out.ts'
import { type Candidates, POSITIVE, type Verdicts } from '../judges/judge.ts'
import { bestSharedPrefix, type PrefixRate } from '../judges/shared-prefix.ts'
import { createKernels } from '../kernels/wasm.ts'
import { readCandidates, readVerdicts } from '../pipeline/judge-stages.ts'
import type { ViewCodes } from '../trees/codes.ts'
import type { ReportData, ReportJudge, ReportPrefixRate } from './data.ts'
import { inspect } from './inspect.ts'

export interface JudgementSource {
  /** the run's */
  readonly directory: string
  readonly split: Split
  readonly codes: ViewCodes
  readonly candidatesPerUser: number
  readonly seed: number
}

export async function readJudgements(
  source: JudgementSource,
): Promise<Required<Pick<ReportData, 'judge' | 'inspector'>>> {
  const { directory, split, codes, candidatesPerUser, seed } = source
  const { train } = split
  const candidates = await readCandidates(join(directory, 'candidates'), train, candidatesPerUser)
  const { verdicts, summary } = await readVerdicts(join(directory, 'judge'), candidates)
  const { provenance, byPrefix, ...counts } = summary
  const judge: ReportJudge = {
    name: provenance.judge,
    ...counts,
    byPrefix: await withHeldOut(byPrefix, split, candidates, verdicts, codes),
  }
  return { judge, inspector: inspect({ train, codes, candidates, verdicts, heldOutOf: heldOutItems(split), seed }) }
}

/** The rates, with the candidates that turned out to be interactions of validation or test. */
async function withHeldOut(
  rates: readonly PrefixRate[],
  split: Split,
  candidates: Candidates,
  verdicts: Verdicts,
  codes: ViewCodes,
): Promise<ReportPrefixRate[]> {
  const shared = await bestSharedPrefix(candidates, codes, split.train.byUser, createKernels())
  const heldOut = heldOutPlaces(split, candidates)
  const counted = rates.map(rate => ({ ...rate, heldOut: 0, heldOutPositives: 0 }))
  heldOut.forEach((hit, place) => {
    if (!hit) return
    counted[shared[place]].heldOut++
    if (verdicts.labels[place] === POSITIVE) counted[shared[place]].heldOutPositives++
  })
  return counted
}
