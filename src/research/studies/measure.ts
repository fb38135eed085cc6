/** What is read off a finished run for a row of a study. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type JudgeAccuracy, judgeAccuracy } from '../../evaluation/judge-accuracy.ts'
import { candidatePairs, POSITIVE } from '../../judges/judge.ts'
import { type HiddenLikes, scoreDemoJudge } from '../../run/demo.ts'
import { isFinal } from '../../run/method-names.ts'
import { headlineRows, type MethodSummary, overSeeds } from '../../run/metrics-file.ts'
import type { RunResult } from '../../run/request.ts'
import { readManifest } from '../../run/stage-folder.ts'
import type { Figures, StudyRow } from './study.ts'

/**
 * The metrics of one row of the run's table over its seeds; of the first seed, seconds an epoch (validation included),
 * the judge's positives and hits, and the seconds of trees, candidates and judging.
 * @param hidden what is planted, where that is known: the judge is then scored against it, not against what is held out
 */
export async function measure(
  result: RunResult,
  method: string,
  hidden?: HiddenLikes,
): Promise<Pick<StudyRow, 'figures' | 'deviations'>> {
  const row =
    result.metrics && overSeeds(headlineRows(result.metrics.rows)).find(candidate => candidate.method === method)
  return {
    figures: {
      ...row?.metrics,
      ...(row && (await epochSeconds(result, row))),
      // rows that no verdict enters say nothing of the judge
      ...(result.judged && (isFinal(method) || !row) && judgeFigures(result, hidden)),
      ...Object.fromEntries(result.stages.map(({ stage, seconds }) => [`${stage} seconds`, seconds])),
    },
    ...(row?.deviations && { deviations: row.deviations }),
  }
}

async function epochSeconds({ directory, metrics }: RunResult, { method }: MethodSummary): Promise<Figures> {
  const training = metrics!.rows.find(row => row.method === method)?.training
  if (training === undefined) return {}
  const { history } = JSON.parse(await readFile(join(directory, training, 'history.json'), 'utf8'))
  const manifest = await readManifest(join(directory, training))
  return { epochs: history.length, 'seconds an epoch': (manifest?.seconds ?? Number.NaN) / history.length }
}

function judgeFigures({ data, candidates, judged, plan }: RunResult, hidden?: HiddenLikes): Figures {
  const [asked, { verdicts }] = [candidates!.value, judged!.value]
  const accuracy: JudgeAccuracy = hidden
    ? scoreDemoJudge(data.value, asked, verdicts, hidden)
    : judgeAccuracy(
        candidatePairs(asked, place => verdicts.labels[place] === POSITIVE),
        asked,
        data.value[plan.run.evaluateOn],
      )
  const { precision, recall, baseRate, positives, candidates: all } = accuracy
  return {
    precision,
    recall,
    f1: (2 * precision * recall) / (precision + recall),
    'base rate': baseRate,
    lift: precision / baseRate,
    'positive share': positives / all,
  }
}
