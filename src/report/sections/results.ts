/** The table that the run was for: methods by metrics, grouped by cut-off. */
import { metrics as registry } from '../../metrics/index.ts'
import { seconds } from '../../numbers.ts'
import { shownRows, variants } from '../../run/metrics-file.ts'
import { describeProtocols, protocolEffect } from '../../run/stages/protocol-effect.ts'
import type { ReportData, ReportRow } from '../gather/data.ts'
import { metricLabel as labelOf, metricName, metricValue } from '../page/format.ts'
import { type Content, type Html, html } from '../page/html.ts'
import { breakable, labelled, scrolling, table } from '../page/table.ts'

export function resultsSection(data: Pick<ReportData, 'rows' | 'metrics' | 'evaluatedOn'>): Html {
  const { rows, metrics, evaluatedOn } = data
  if (rows.length === 0) return html`<p>Nothing was evaluated in this run.</p>`
  const groups = byCutoff(metrics)
  const columns = groups.flatMap(group => group.keys)
  const strict = shownRows(rows).filter(row => row.protocol === 'strict')
  const released = rows.filter(row => row.protocol === 'released')
  const best = new Map(variants.map(variant => [variant, bestOfColumns(columns, strict, variant)]))
  const body = (some: readonly ReportRow[]) => some.map(row => resultRow(row, columns, best.get(row.variant)!))
  const width = columns.length + 2
  return html`${scrolling(
    'Results, every method',
    html`<table class="results stack-medium">
<caption><span>${captionOf(evaluatedOn, columns, strict, released)}</span></caption>
<thead>
<tr><th scope="col" rowspan="2">Method</th>${groups.map(
      ({ title, keys }) => html`<th scope="colgroup" colspan="${keys.length}" class="group">${title}</th>`,
    )}<th scope="col" rowspan="2" class="numeric first">Seconds</th></tr>
<tr>${groups.flatMap(({ keys }) =>
      keys.map(
        (key, index) => html`<th scope="col" class="numeric${index === 0 && ' first'}">${metricName(key).label}</th>`,
      ),
    )}</tr>
</thead>
${strict.length > 0 && html`<tbody>\n${body(strict)}</tbody>\n`}${
  released.length > 0 &&
  html`<tbody class="released">
<tr><th scope="rowgroup" colspan="${width}"><span>Released protocol, for comparison only: held-out data filters the judgements and the mask</span></th></tr>
${body(released)}</tbody>\n`
}</table>`,
  )}
${everyMetric(rows, metrics)}`
}

/** What the notes say of metrics and protocols, for those that the table has. */
export function readingNotes({ rows, metrics }: Pick<ReportData, 'rows' | 'metrics'>): Html {
  const names = [...new Set(metrics.map(key => metricName(key).name))]
  const known = names.flatMap(name => definitionOf(name) ?? [])
  const ofLists = known.filter(metric => metric.kind === 'list').map(({ name }) => metricName(name).label)
  const released = rows.some(row => row.protocol === 'released')
  const fused = rows.find(row => row.options?.fusion !== undefined)
  const effect = protocolEffect(rows)
  return html`<p>Every figure is about interactions that were held out before anything was learned. Rows follow the <strong>strict</strong> protocol unless they are marked “released”:</p>
<ul>
<li><strong>Full ranking.</strong> For each user with something held out, all items of the catalogue are ranked, not a sample of them. Users with nothing held out enter no mean.</li>
<li><strong>Seen items are masked.</strong> Items that a user is known to have interacted with are left out of that user’s list. Nothing that was judged is masked.</li>
${
  rows.some(row => row.variant !== 'history train') &&
  html`<li><strong>What rows are made from.</strong> Plain rows are fitted on train and rank from it. Rows marked “history train + valid” rank from all that was observed before test; those marked “refit” are also fitted on it once more, with what validation chose, which is what a user would be served. Only rows made from the same are compared.</li>\n`
}<li><strong>Test is opened once.</strong> Models are chosen on the validation part alone; trees, candidates and judgements come from the training part alone; test is scored once, at the end.</li>
${
  fused &&
  html`<li><strong>Fused rows,</strong> such as ${fused.method}, add a baseline’s scores to those of a trained model; validation chose the share of each. What the method adds is its fused row against the fused base model.</li>\n`
}</ul>
${
  released &&
  html`<p class="note"><strong>Rows marked “released”</strong> follow the protocol of the code released with the DTL-NS paper. There, held-out interactions are taken out of the judged positives, and judged positives are masked in the ranking. So the figures are not comparable with the strict ones: they can rise with no change to the model.</p>${
    effect && html`<ul>${describeProtocols(effect).map(sentence => html`<li>${sentence}</li>`)}</ul>`
  }`
}${
  known.length > 0 &&
  html`<dl class="terms">${known.map(
    ({ name, summary }) => html`<div><dt>${metricName(name).label}</dt> <dd>${summary}</dd></div>\n`,
  )}</dl>
<p>“At 20” means that lists of 20 items are looked at. Figures are means over users, and larger is better.${rows.some(row => row.deviations) && ' With several seeds they are means over the seeds too, ± the standard deviation over them.'}${ofLists.length > 0 && ` What describes all lists together (${ofLists.join(', ')}) has no better or worse, so no value of it is marked.`} Seconds are those of training and evaluation, without the stages before.</p>`
}`
}

/** Columns by cut-off, in the order in which the cut-offs come. */
function byCutoff(metrics: readonly string[]): { title: string; keys: string[] }[] {
  const groups = Map.groupBy(new Set(metrics), key => metricName(key).cutoff)
  return Array.from(groups, ([cutoff, keys]) => ({ title: cutoff === undefined ? 'Others' : `At ${cutoff}`, keys }))
}

/**
 * The best value of a column as it is written, so that equal figures are marked alike; none where all are equal. What
 * describes lists (coverage, gini, novelty) has no best: recommending at random would often win.
 */
function bestOf(key: string, rows: readonly ReportRow[]): string | undefined {
  if (definitionOf(metricName(key).name)?.kind === 'list') return undefined
  const values = rows.flatMap(row => (row.skipped === undefined ? [row.metrics[key]] : [])).filter(Number.isFinite)
  if (new Set(values.map(value => metricValue(key, value))).size < 2) return undefined
  return metricValue(
    key,
    values.reduce((a, b) => Math.max(a, b)),
  )
}

/** Users may bring metrics of their own, which no one has registered. */
function definitionOf(name: string) {
  return registry.parts.find(part => part.name === name)
}

function bestOfColumns(columns: readonly string[], strict: readonly ReportRow[], variant: ReportRow['variant']) {
  const comparable = strict.filter(row => row.variant === variant)
  return new Map(columns.map(key => [key, bestOf(key, comparable)]))
}

function resultRow(row: ReportRow, columns: readonly string[], best: ReadonlyMap<string, string | undefined>): Html {
  const released = row.protocol === 'released'
  const name = html`<th scope="row">${breakable(row.method)}${released && html` <span class="badge">released</span>`}${row.variant !== 'history train' && html` <span class="badge">${row.variant}</span>`}</th>`
  if (row.skipped !== undefined)
    return html`<tr class="skipped">${name}<td colspan="${columns.length + 1}">Not run: ${row.skipped}</td></tr>\n`
  const cells = columns.map((key, index) => {
    const text = metricValue(key, row.metrics[key])
    const spread = row.deviations && html` <small>± ${metricValue(key, row.deviations[key])}</small>`
    const first = index === 0 || metricName(columns[index - 1]).cutoff !== metricName(key).cutoff
    return html`<td class="numeric${first && ' first'}"${labelled(labelOf(key))}>${!released && text === best.get(key) ? bestMark(text) : text}${spread}</td>`
  })
  return html`<tr>${name}${cells}<td class="numeric first"${labelled('Seconds')}>${seconds(row.seconds)}</td></tr>\n`
}

function bestMark(text: string): Html {
  return html`<strong class="best"><span aria-hidden="true">★ </span><span class="hidden">best: </span>${text}</strong>`
}

function captionOf(
  evaluatedOn: ReportData['evaluatedOn'],
  columns: readonly string[],
  strict: readonly ReportRow[],
  released: readonly ReportRow[],
): Content {
  const marked = columns.some(key => bestOf(key, strict) !== undefined)
  return html`${evaluatedOn === 'valid' ? 'Validation' : 'Test'} results under the ${strict.length ? 'strict' : 'released'} protocol${
    strict.length > 0 && released.length > 0 && ', and below them under the released one'
  }.${marked && ` ★ marks the best value of a column${released.length ? ' among the rows of the strict protocol' : ''}.`}`
}

/** All that was measured, folded away, when the main table does not show it all. */
function everyMetric(rows: readonly ReportRow[], shown: readonly string[]): Content {
  const measured = rows.filter(row => row.skipped === undefined)
  const keys = [...new Set([...shown, ...measured.flatMap(row => Object.keys(row.metrics))])]
  if (keys.length === new Set(shown).size) return undefined
  const nameOf = ({ method, protocol, variant }: ReportRow) =>
    protocol === 'released' ? `${method} (released)` : variant === 'history train' ? method : `${method} (${variant})`
  return html`<details><summary>All ${keys.length} metrics of every method</summary>${byCutoff(keys).map(
    ({ title, keys: own }) =>
      scrolling(
        `All metrics, ${title}`,
        table({
          caption: `${title}: every metric that was computed.`,
          columns: [{ title: 'Method' }, ...own.map(key => ({ title: metricName(key).label, numeric: true }))],
          rows: measured.map(row => [breakable(nameOf(row)), ...own.map(key => metricValue(key, row.metrics[key]))]),
        }),
      ),
  )}</details>`
}
