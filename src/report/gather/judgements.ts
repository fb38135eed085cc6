/** What a run's judge said, read from the run directory and set beside what was held out. */
import { join } from 'node:path'
import type { HeldOutPart, Split } from '../../dataset/split.ts'
import { heldOutItems, heldOutPlaces } from '../../evaluation/held-out.ts'
import { type Candidates, POSITIVE, type Verdicts } from '../../judges/judge.ts'
import type { PrefixRate } from '../../judges/shared-prefix.ts'
import { readCandidates } from '../../run/stages/candidates.ts'
import { readVerdicts } from '../../run/stages/judge.ts'
import type { ViewCodes } from '../../trees/codes.ts'
import { withAnswers } from '../sections/answers.ts'
import type { ReportData, ReportJudge, ReportPrefixRate } from './data.ts'
import { inspect } from './inspect.ts'
import type { RankedMethod } from './ranks.ts'

export interface JudgementSource {
  /** the run's */
  readonly directory: string
  /** folder of the verdicts in it */
  readonly judged: string
  readonly split: Split
  readonly codes: ViewCodes
  readonly candidatesPerUser: number
  readonly seed: number
  /** parts of the held-out data that the run has opened */
  readonly opened: readonly HeldOutPart[]
  /** whose lists tell whether a held-out item was found */
  readonly ranked?: RankedMethod | undefined
  readonly titles?: readonly string[] | undefined
}

export async function readJudgements(
  source: JudgementSource,
): Promise<Required<Pick<ReportData, 'judge' | 'inspector'>>> {
  const { directory, judged, split, codes, candidatesPerUser, seed, opened, ranked, titles } = source
  const { train } = split
  const candidates = await readCandidates(join(directory, 'candidates'), train, candidatesPerUser)
  const { verdicts, summary } = await readVerdicts(join(directory, judged), candidates)
  const { provenance, byPrefix, ...counts } = summary
  const judge: ReportJudge = {
    name: provenance.judge,
    ...counts,
    byPrefix: withHeldOut(byPrefix, source, candidates, verdicts),
    opened,
  }
  const heldOutOf = heldOutItems(split, opened)
  const inspector = inspect({ train, codes, candidates, verdicts, heldOutOf, seed, ranked, titles })
  return { judge, inspector: await withAnswers(inspector, directory, provenance) }
}

/** The rates, with the candidates that turned out to be held-out interactions. */
function withHeldOut(
  rates: readonly PrefixRate[],
  { split, opened }: JudgementSource,
  candidates: Candidates,
  { labels, sharedPrefix }: Verdicts,
): ReportPrefixRate[] {
  const heldOut = heldOutPlaces(split, opened, candidates)
  const counted = rates.map(rate => ({ ...rate, heldOut: 0, heldOutPositives: 0 }))
  heldOut.forEach((hit, place) => {
    if (!hit) return
    const rate = counted[sharedPrefix![place]]
    rate.heldOut++
    if (labels[place] === POSITIVE) rate.heldOutPositives++
  })
  return counted
}
