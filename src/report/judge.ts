/** What the judge said: how many candidates it took for false negatives, and how that depends on the codes. */
import type { ReportJudge } from './data.ts'
import { count, decimal, percent } from './format.ts'
import { type Content, type Html, html } from './html.ts'
import { bar, breakable, definitions, table } from './table.ts'

export function judgeSection(judge: ReportJudge | undefined): Html {
  if (!judge) return html`<p>Nothing was judged in this run.</p>`
  const { name, candidates, positives, invalid, byPrefix } = judge
  return html`<p>Candidates are high-scored items that a user has not met. The judge says which of them are false negatives: things the user would like and just has not met (“positive”).</p>
${definitions([
  ['Judge', breakable(name)],
  ['Candidates', count(candidates)],
  ['Judged positive', candidates > 0 ? `${count(positives)} (${percent(positives, candidates)})` : count(positives)],
  ['Unreadable answers', count(invalid)],
])}
${invalid > 0 && html`<p>Unreadable answers count neither as positive nor as negative.</p>`}
${
  candidates === 0 || byPrefix.length === 0
    ? html`<p>There was no candidate to judge, so there is no rate to show.</p>`
    : html`<h3>Positives by shared prefix</h3>${table({
        caption:
          'The longest code prefix that a candidate shares with the user’s history in either view, and how often such candidates are judged positive.',
        columns: [
          { title: 'Shared prefix' },
          { title: 'Candidates', numeric: true },
          { title: 'Positive', numeric: true },
          { title: 'Rate', numeric: true },
          { title: html`<span class="hidden">Rate as a bar</span>`, wide: true },
        ],
        rows: byPrefix.map(row => [
          row.prefix,
          count(row.candidates),
          count(row.positives),
          percent(row.positives, row.candidates),
          bar(row.positives / row.candidates),
        ]),
        total: [
          'All',
          count(candidates),
          count(positives),
          percent(positives, candidates),
          bar(positives / candidates),
        ],
      })}`
}
${accuracy(judge.accuracy)}`
}

function accuracy(known: ReportJudge['accuracy']): Content {
  if (!known) return undefined
  const { precision, recall, baseRate } = known
  const lift = precision / baseRate
  return html`<h3>Against the truth</h3>
<p>In these data it is known which candidates are hidden interactions.</p>
${definitions([
  ['Precision', html`${decimal(precision)} <small>of those judged positive are hidden interactions</small>`],
  [
    'Recall',
    html`${decimal(recall)} <small>of the hidden interactions among the candidates are judged positive</small>`,
  ],
  ['Base rate', html`${decimal(baseRate)} <small>is the precision of accepting every candidate</small>`],
  [
    'Lift',
    html`${decimal(lift, 2)}${Number.isFinite(lift) && '×'} <small>is precision over base rate; 1 is no better than accepting all</small>`,
  ],
])}`
}
