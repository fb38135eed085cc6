/** A reproduction in words, as tables, and as one HTML file. */
import { level } from '../../numbers.ts'
import { metricLabel } from '../../report/page/format.ts'
import { html } from '../../report/page/html.ts'
import { renderPage } from '../../report/page/page.ts'
import { breakable, scrolling, table } from '../../report/page/table.ts'
import { resampledIn } from '../../report/sections/comparison.ts'
import { environmentSection, optionsSection } from '../../report/sections/settings.ts'
import type { Environment } from '../../run/environment.ts'
import { writeDifference } from '../studies/differences.ts'
import type { Given } from '../studies/study.ts'
import type { Checked } from './bands.ts'
import type { Answer } from './differences.ts'
import { EASE_MASKED, THEIRS, THEIRS_MASKED } from './theirs.ts'

/** Plain data. */
export interface SportsReproduction {
  readonly dataHash: string
  /** options of all runs that were given */
  readonly given: Given
  readonly environment: Environment
  /** length of the lists that the tables are of */
  readonly cutoff: number
  readonly facts: Readonly<Record<string, Checked>>
  readonly rows: readonly {
    readonly name: string
    readonly protocol: 'strict' | 'released'
    readonly seeds: readonly number[]
    readonly metrics: Readonly<Record<string, Checked>>
  }[]
  readonly differences: readonly Answer[]
  /** what it shows, in words */
  readonly paragraph: string
  /** whether everything that has a band lies in it */
  readonly holds: boolean
}

export const RELEASED_NOTE =
  'Train alone is masked at test. RELEASED: held-out data shaped the training set or the mask: not comparable with the other rows.'

/** A table as text: the first cell of a row is its name. */
export interface TextTable {
  readonly title: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The rows and their bands, the differences, the facts of the files. */
export function tablesOf({ cutoff, rows, differences, facts }: SportsReproduction): TextTable[] {
  const metrics = [`recall@${cutoff}`, `ndcg@${cutoff}`]
  return [
    {
      title: 'Results',
      header: ['row', ...metrics.flatMap(metric => [metricLabel(metric), 'expected', ''])],
      rows: rows.map(({ name, protocol, metrics: own }) => [
        protocol === 'released' ? `${name} (RELEASED)` : name,
        ...metrics.flatMap(key => cells(own[key], 4)),
      ]),
    },
    {
      title: 'Differences',
      header: ['what it shows', `NDCG@${cutoff} of`, 'less that of', `difference [${level(0.95)} interval]`],
      rows: differences.map(answer => [answer.shows, answer.method, answer.against, writeDifference(answer)]),
    },
    {
      title: 'Facts of the released files',
      header: ['fact of the released files', 'found', 'expected', ''],
      rows: Object.entries(facts).map(([name, fact]) => [name, ...cells(fact, 2)]),
    },
  ]
}

/** A figure, what it should be, and whether it is. */
function cells(checked: Checked | undefined, digits: number): string[] {
  if (!checked) return ['–', '', '']
  const write = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(digits))
  const { value, deviation, band, holds } = checked
  const found = write(value) + (deviation === undefined ? '' : ` ± ${write(deviation)}`)
  return band ? [found, `${write(band.expected)} ± ${band.within}`, holds ? 'ok' : 'OUTSIDE'] : [found, '', '']
}

/** How many figures lie in their bands, which do not, and what their model comes to without and with their mask. */
export function describeReproduction(found: Omit<SportsReproduction, 'paragraph'>): string {
  const { cutoff, rows, facts, differences } = found
  const all = [
    ...rows.flatMap(({ name, metrics }) =>
      Object.entries(metrics).map(([key, one]) => [`${name}: ${key}`, one] as const),
    ),
    ...Object.entries(facts),
  ].filter(([, { band }]) => band)
  const outside = all.filter(([, { holds }]) => !holds).map(([name]) => name)
  const sentences = [
    outside.length
      ? `${outside.length} of ${all.length} figures lie outside their band: ${outside.join(', ')}.`
      : `All ${all.length} figures that have a band lie in it.`,
  ]
  const difference = (method: string) => differences.find(answer => answer.method === method)
  const [theirs, masked, ease] = [THEIRS, THEIRS_MASKED, EASE_MASKED].map(difference)
  if (theirs)
    sentences.push(
      `Under the strict mask the model of the released files differs from its base model (${theirs.against}) by ${writeDifference(theirs)} NDCG@${cutoff}.`,
    )
  if (masked) sentences.push(`The released mask alone adds ${writeDifference(masked)} to that same model.`)
  if (ease) sentences.push(`To EASE, which has never seen the files, it adds ${writeDifference(ease)}.`)
  if (differences.length)
    sentences.push(`(${level(0.95)} intervals over ${resampledIn(differences)}; test, train alone masked.)`)
  return sentences.join(' ')
}

export function renderReproduction(reproduction: SportsReproduction): string {
  const { paragraph, given, environment } = reproduction
  const sections = tablesOf(reproduction).map(({ title, header, rows }, index) => ({
    id: `table-${index + 1}`,
    title,
    body: scrolling(
      title,
      table({
        caption: index === 0 ? RELEASED_NOTE : title,
        columns: header.map((name, at) => ({ title: name, numeric: at > 0 })),
        rows: rows.map(([name, ...others]) => [breakable(name), ...others]),
      }),
    ),
  }))
  return renderPage({
    title: 'The released configuration of DTL-NS on Sports',
    summary: paragraph,
    sections: [
      ...sections,
      { id: 'options', title: 'Options', body: optionsSection({ 'every run': given }) },
      { id: 'environment', title: 'Environment', body: html`${environmentSection({ ...environment })}` },
    ],
  })
}
