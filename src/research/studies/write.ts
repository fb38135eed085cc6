/** A finished study as files: `study.json` (all figures), `study.md` (paragraph, table, circumstances), `figure.svg`, `report.html`. */

import { join } from 'node:path'
import { writeAtomic } from '../../files.ts'
import { decimal, percent, seconds } from '../../numbers.ts'
import { metricLabel } from '../../report/page/format.ts'
import { standalone } from '../../report/page/plot.ts'
import { describeEnvironment, type Environment } from '../../run/environment.ts'
import type { RunResult } from '../../run/request.ts'
import { describeDifferences, writeDifference } from './differences.ts'
import { describeMarks, drawStudyFigure } from './figure.ts'
import { renderStudyReport, type StudyReport } from './report.ts'
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
  const { header, table } = tableOf(finished)
  const title = `${study.name}: ${study.summary}`
  const sentences = [study.describe(rows, metric), describeDifferences(study, rows) ?? '', circumstances(finished)]
  const paragraph = sentences.filter(Boolean).join(' ')
  const environment = describeEnvironment(first.plan.run.seed, first.data.value.hash)
  const drawn = study.figure(rows, metric)
  const figure = await drawStudyFigure(drawn, study.summary)
  const marks = describeMarks(drawn, study.reference?.name)
  const shown = { title, paragraph, header, rows: table, figure, marks, source: study.source }

  const json = { study: study.name, options, given, rows, references, paragraph, environment }
  const groups = { study: options, 'every run': given }
  const files = {
    'study.json': `${JSON.stringify(json, null, 2)}\n`,
    'figure.svg': standalone(figure),
    'study.md': markdownOf(shown, environment),
    'report.html': renderStudyReport({ ...shown, options: groups, environment: { ...environment } }),
  }
  for (const [name, text] of Object.entries(files)) await writeAtomic(join(directory, name), text)
  return { directory, paragraph, header, table, json }
}

/** A row a variant, baselines last; differences in a last column where there are any. */
function tableOf({ study, options, rows, references }: FinishedStudy): Pick<WrittenStudy, 'header' | 'table'> {
  const columns = study.columns(options.metric)
  const held = rows.some(({ difference }) => difference) && study.reference
  const shown = [...rows, ...references.filter(row => columns.some(({ key }) => key in row.figures))]
  return {
    header: [
      'variant',
      ...columns.map(({ title }) => title),
      ...(held ? [`${metricLabel(options.metric)} against ${held.name}`] : []),
    ],
    table: shown.map(row => [
      row.name,
      ...columns.map(column => cell(row, column)),
      ...(held ? [row.difference ? writeDifference(row.difference) : decimal(undefined)] : []),
    ]),
  }
}

function markdownOf(
  { title, paragraph, header, rows, marks, source }: Omit<StudyReport, 'options' | 'environment'>,
  { seed, dataHash, dualtree, node, cores, cpu }: Environment,
): string {
  const parts = [
    `# ${title}`,
    paragraph,
    markdownTable(header, rows),
    `![${title}](figure.svg)`,
    ...(marks ? [marks] : []),
    `Source: ${source}. Seed ${seed}, data hash \`${dataHash.slice(0, 12)}\`, dualtree ${dualtree}, Node ${node.slice(1)}, ${cores} × ${cpu}.`,
  ]
  return `${parts.join('\n\n')}\n`
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
  const chose = `which also chose the epochs of trained rows${first.plan.fusion ? ' and the shares of fused ones' : ''}`
  return options.on === 'valid'
    ? `(Measured on validation, ${study.fixedEpochs ? 'which chose nothing: the epochs are fixed' : chose}, strict protocol, ${repeats}; test was not opened.)`
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
