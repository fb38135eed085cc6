/** A finished study as files: `study.json` (all figures), `study.md` (paragraph, table, circumstances), `figure.svg`. */
import { join } from 'node:path'
import { writeAtomic } from '../files.ts'
import { describeEnvironment } from '../pipeline/environment.ts'
import type { RunResult } from '../pipeline/run.ts'
import { decimal, percent, seconds } from '../report/format.ts'
import { drawStudyFigure } from '../report/study-figure.ts'
import type { Given, StudyColumn, StudyDefinition, StudyRow } from './study.ts'

export interface FinishedStudy {
  readonly study: StudyDefinition
  /** its own and those of the question, defaults included */
  readonly options: Given & { readonly metric: string; readonly on: string }
  /** options of every run that were given */
  readonly given: Given
  readonly rows: readonly StudyRow[]
  /** baselines, for comparison */
  readonly references: readonly StudyRow[]
  readonly first: RunResult
  /** the judge was scored against planted likes */
  readonly planted: boolean
}

export interface WrittenStudy {
  readonly directory: string
  readonly paragraph: string
  readonly header: readonly string[]
  /** cells as they are written, a row a variant, baselines last */
  readonly table: readonly (readonly string[])[]
  /** content of `study.json` */
  readonly json: unknown
}

export async function writeStudy(directory: string, finished: FinishedStudy): Promise<WrittenStudy> {
  const { study, options, given, rows, references, first } = finished
  const { metric } = options
  const columns = study.columns(metric)
  const header = ['variant', ...columns.map(({ title }) => title)]
  const table = [...rows, ...references.filter(row => columns.some(({ key }) => key in row.figures))].map(row => [
    row.name,
    ...columns.map(column => cell(row, column)),
  ])
  const paragraph = `${study.describe(rows, metric)} ${circumstances(finished)}`
  const environment = describeEnvironment(first.plan.run.seed, first.data.value.hash)
  const json = { study: study.name, options, given, rows, references, paragraph, environment }
  await writeAtomic(join(directory, 'study.json'), `${JSON.stringify(json, null, 2)}\n`)
  await writeAtomic(join(directory, 'figure.svg'), await drawStudyFigure(study.figure(rows, metric), study.summary))
  const markdown = [
    `# ${study.name}: ${study.summary}`,
    paragraph,
    markdownTable(header, table),
    `![${study.summary}](figure.svg)`,
    `Source: ${study.source}. Seed ${environment.seed}, data hash \`${environment.dataHash.slice(0, 12)}\`, dualtree ${environment.dualtree}, Node ${environment.node.slice(1)}, ${environment.cores} × ${environment.cpu}.`,
  ]
  await writeAtomic(join(directory, 'study.md'), `${markdown.join('\n\n')}\n`)
  return { directory, paragraph, header, table, json }
}

/** What the figures are of, and how far they carry. */
function circumstances({ options, first, planted, study }: FinishedStudy): string {
  if (study.times)
    return '(Wall-clock seconds of this machine, validation included: whatever else it does at the time is in them.)'
  const { seed, seeds } = first.plan.run
  const repeats =
    seeds > 1
      ? `mean of the seeds ${seed} to ${seed + seeds - 1}`
      : 'one seed, which tells no small difference from chance'
  if (study.until === 'judge')
    return `(Measured against ${planted ? 'planted likes' : options.on === 'valid' ? 'validation' : 'test'}, ${repeats}.)`
  return options.on === 'valid'
    ? `(Measured on validation, which also chose the epochs of trained rows, strict protocol, ${repeats}; test was not opened.)`
    : `(Measured on test, strict protocol, ${repeats}; nothing may be chosen by it.)`
}

function cell({ figures, deviations }: StudyRow, { key, as }: StudyColumn): string {
  const write = { decimal: (value: number) => decimal(value), percent: (value: number) => percent(value), seconds }[as]
  const deviation = deviations?.[key]
  return deviation === undefined ? write(figures[key]) : `${write(figures[key])} ± ${write(deviation)}`
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}
