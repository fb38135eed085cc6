/** What the judge said: how many candidates it took for false negatives, and how that depends on the codes. */
import { decimal, formatCount, percent } from '../../numbers.ts'
import type { ReportJudge, ReportPrefixRate } from '../gather/data.ts'
import { type Content, type Html, html } from '../page/html.ts'
import { bar, breakable, definitions, numeric, scrolling, table } from '../page/table.ts'

export function judgeSection(judge: ReportJudge | undefined): Html {
  if (!judge) return html`<p>Nothing was judged in this run.</p>`
  const { name, candidates, positives, invalid, byPrefix } = judge
  return html`<p>Candidates are high-scored items that a user has not interacted with. The judge says which of them are false negatives: items the user would like but has not come across (“positive”).</p>
${definitions([
  ['Judge', breakable(name)],
  ['Candidates', formatCount(candidates)],
  [
    'Judged positive',
    candidates > 0 ? `${formatCount(positives)} (${percent(positives, candidates)})` : formatCount(positives),
  ],
  ['Unreadable answers', formatCount(invalid)],
])}
${invalid > 0 && html`<p>Unreadable answers count neither as positive nor as negative.</p>`}
${
  candidates === 0 || byPrefix.length === 0
    ? html`<p>There was no candidate to judge, so there is no rate to show.</p>`
    : prefixTable(judge)
}
${accuracy(judge.accuracy)}`
}

function prefixTable({ candidates, positives, byPrefix, opened = [] }: ReportJudge): Html {
  const lookedUp = opened.length > 0
  const sum = (value: (row: ReportPrefixRate) => number | undefined) =>
    byPrefix.reduce((total, row) => total + (value(row) ?? 0), 0)
  const cells = (row: Omit<ReportPrefixRate, 'prefix'>): Content[] => [
    formatCount(row.candidates),
    formatCount(row.positives),
    percent(row.positives, row.candidates),
    bar(row.positives / row.candidates),
    ...(lookedUp
      ? [percent(row.heldOut!, row.candidates), percent(row.heldOutPositives!, row.positives), formatCount(row.heldOut)]
      : []),
  ]
  const heldOut = sum(row => row.heldOut)
  const heldOutPositives = sum(row => row.heldOutPositives)
  return html`<h3>Verdicts by shared prefix</h3>${scrolling(
    'Verdicts by shared prefix',
    table({
      caption: `The longest code prefix that a candidate shares with the user’s history in either view, and how often such candidates are judged positive.${
        lookedUp
          ? ` Held out: those that are interactions of ${opened.includes('test') ? 'validation or test' : 'validation (test stays closed)'}, which the judge cannot know. Candidates that are not may still be liked, so these shares are lower bounds of the precision.`
          : ''
      }`,
      columns: [
        { title: 'Shared prefix' },
        ...numeric('Candidates', 'Positive', 'Rate'),
        { title: html`<span class="hidden">Rate as a bar</span>`, wide: true },
        ...(lookedUp ? numeric('Held out', 'Held out among positives', 'Held out, number') : []),
      ],
      rows: byPrefix.map(row => [row.prefix, ...cells(row)]),
      total: ['All', ...cells({ candidates, positives, heldOut, heldOutPositives })],
    }),
  )}`
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
