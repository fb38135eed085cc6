/** Where the figures come from: the data, and the time and memory of each stage. */
import type { DataCounts, DataReport } from '../../dataset/report.ts'
import { bytes, duration, formatCount, percent, seconds } from '../../numbers.ts'
import type { ReportData } from '../gather/data.ts'
import { type Content, type Html, html } from '../page/html.ts'
import { bar, breakable, definitions, scrolling, table } from '../page/table.ts'

const LEFT_OUT: readonly (readonly [keyof DataCounts, string])[] = [
  ['duplicates', 'Rows that repeat a pair of the same part'],
  ['belowMinRating', 'Rows rated below the least rating'],
  ['outsideCore', 'Interactions outside the k-core'],
  ['heldOutUnknownUsers', 'Held-out interactions of users that train does not know'],
  ['heldOutUnknownItems', 'Held-out interactions with items that train does not know'],
  ['heldOutAlreadySeen', 'Held-out interactions that train has too'],
  ['testAlreadyInValid', 'Test interactions that validation has too'],
]

export function dataSection({ decisions, counts, files }: DataReport, dataHash: string): Html {
  return html`${definitions([
    ['Users', formatCount(counts.users)],
    ['Items', formatCount(counts.items)],
    ['Train', formatCount(counts.train)],
    ['Validation', formatCount(counts.valid)],
    ['Test', formatCount(counts.test)],
    ['Rows read', formatCount(counts.rows)],
    [
      'Known pairs',
      html`${percent4(counts.train, counts.users * counts.items)} <small>of all user–item pairs, in train</small>`,
    ],
  ])}
${decisions.length > 0 && html`<h3>Decisions</h3><ol class="decisions">${decisions.map(decision => html`<li>${decision}</li>\n`)}</ol>`}
<h3>What was left out</h3>
${table({
  caption: 'Rows and interactions that are in no part of the data.',
  columns: [{ title: 'Reason' }, { title: 'Count', numeric: true }],
  rows: LEFT_OUT.map(([key, reason]) => [reason, formatCount(counts[key])]),
})}
<h3>Files</h3>
${
  files.length === 0
    ? html`<p>The data came from no file.</p>`
    : scrolling(
        'Files',
        table({
          caption: 'What was read, with the SHA-256 of its bytes.',
          columns: [{ title: 'File' }, { title: 'Size', numeric: true }, { title: 'SHA-256' }],
          rows: files.map(file => [breakable(file.path), bytes(file.bytes), hash(file.sha256)]),
        }),
      )
}
<p class="below">Hash of the data as used: <code class="hash">${dataHash}</code></p>`
}

/** Sparse data need more digits: 0.1343 % */
function percent4(part: number, whole: number): string {
  return whole > 0 ? `${((part / whole) * 100).toFixed(4)} %` : percent(part, whole)
}

export function stagesSection(stages: ReportData['stages']): Html {
  if (stages.length === 0) return html`<p>No stage was timed.</p>`
  const total = stages.reduce((sum, stage) => sum + stage.seconds, 0)
  const peak = stages.reduce((most, stage) => Math.max(most, stage.peakBytes), 0)
  return html`${table({
    caption: `${duration(total)} in all. Memory is the most that the process had used by the end of the stage; a stage that was reused shows what it took when it was made.`,
    columns: [
      { title: 'Stage' },
      { title: 'Seconds', numeric: true },
      { title: html`<span class="hidden">Share of the time as a bar</span>`, wide: true },
      { title: 'Peak memory', numeric: true },
    ],
    rows: stages.map(stage => [
      breakable(stage.stage),
      seconds(stage.seconds),
      bar(stage.seconds / total),
      bytes(stage.peakBytes),
    ]),
    total: ['All', seconds(total), '', bytes(peak)],
  })}
${hashes(stages)}`
}

/** What each stage was made from and what it made, folded away. */
function hashes(stages: ReportData['stages']): Content {
  const rows = stages.flatMap(({ stage, key, files = {} }) => [
    ...(key === undefined ? [] : [[breakable(stage), 'its inputs and options', hash(key)]]),
    ...Object.entries(files).map(([name, own]) => [breakable(stage), breakable(name), hash(own)]),
  ])
  if (rows.length === 0) return undefined
  return html`<details><summary>Hashes of every stage</summary>${scrolling(
    'Hashes of every stage',
    table({
      caption: 'SHA-256. Two runs with the same hashes hold the same bytes.',
      columns: [{ title: 'Stage' }, { title: 'Of' }, { title: 'SHA-256' }],
      rows,
    }),
  )}</details>`
}

const hash = (text: string) => html`<code class="hash">${text}</code>`
