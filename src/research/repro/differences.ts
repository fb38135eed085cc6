/** Which rows of a reproduction are compared with each other, user by user. */
import { compareWithin, comparisonOptions } from '../../comparison/compare.ts'
import { loadValues } from '../../comparison/values.ts'
import type { MetricsRow } from '../../run/metrics-file.ts'
import type { Difference } from '../studies/study.ts'
import { EASE_MASKED, THEIRS, THEIRS_MASKED } from './theirs.ts'

/** A row of the table with the rows of its seeds, and where their files are. */
export interface Source {
  readonly name: string
  readonly directory: string
  readonly rows: readonly MetricsRow[]
}

export interface Question {
  readonly method: string
  readonly against: string
  /** what the difference shows */
  readonly shows: string
}

export interface Answer extends Question, Difference {
  readonly against: string
}

/** @param base name of the base model's row */
function questions(base: string): Question[] {
  return [
    {
      method: THEIRS,
      against: base,
      shows: 'what their judgements and trees do to the model that they are to improve',
    },
    { method: 'dtl-ns', against: base, shows: 'what ours do to it' },
    { method: THEIRS_MASKED, against: THEIRS, shows: 'what their mask adds to one and the same model' },
    { method: EASE_MASKED, against: 'ease', shows: 'what it adds to a model that has never seen their files' },
    { method: THEIRS_MASKED, against: EASE_MASKED, shows: 'their model under their mask, and EASE under it' },
  ]
}

/** Of the rows that are there. @param metric such as `ndcg@20`. @throws whatever `signal` aborts with */
export async function answerQuestions(
  sources: readonly Source[],
  { base, metric, signal }: { base: string; metric: string; signal?: AbortSignal | undefined },
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const question of questions(base)) {
    const pair = [question.method, question.against].map(name => sources.find(own => own.name === name))
    const [own, other] = pair.map(source => (source?.rows.some(({ skipped }) => skipped) ? undefined : source))
    if (!own || !other) continue
    const [method, against] = [await valuesOf(own, metric), await valuesOf(other, metric)]
    const [row] = await compareWithin([[method, against]], metric, comparisonOptions.parse({}), signal)
    const { difference: value, interval, resampled } = row
    answers.push({ ...question, value, interval, resampled })
  }
  return answers
}

const valuesOf = ({ name, directory, rows }: Source, metric: string) =>
  loadValues({ name, directory, method: name, rows }, [metric])
