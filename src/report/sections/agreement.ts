/** Codes against behaviour: how alike items are that share the beginning of their codes. */
import { formatCount, percent } from '../../numbers.ts'
import type { CodeAgreement, PairSimilarity } from '../../trees/agreement.ts'
import type { ReportAgreement } from '../gather/data.ts'
import { type Html, html } from '../page/html.ts'
import { createPlotter, figure, linePlot, swatch } from '../page/plot.ts'
import { numeric, scrolling, table } from '../page/table.ts'

/** @param agreement of each tree, in the order of the lines */
export async function agreementSection(agreement: readonly ReportAgreement[]): Promise<Html | undefined> {
  if (agreement.length === 0) return undefined
  const plotter = await createPlotter()
  const random = agreement[0].all
  const lines = (value: (pairs: PairSimilarity) => number) => [
    ...agreement.map(({ byPrefix }) => ({ points: pointsOf(byPrefix, value), dots: true })),
    { points: [0, deepest(agreement)].map(x => ({ x, y: value(random) })) },
  ]
  const draw = (label: string, value: (pairs: PairSimilarity) => number) =>
    linePlot(plotter, {
      label: `${label}; the table below has its figures`,
      lines: lines(value),
      x: {
        label: 'shared prefix length',
        ticks: Array.from({ length: deepest(agreement) + 1 }, (_, n) => n),
        tickFormat: formatCount,
      },
    })
  return html`<h3>Do similar codes mean similar users?</h3>
<p>If codes mean something, items with a longer shared prefix have more users in common. Every pair of items counts here, also those that no user has in common; the dotted line is the mean of all pairs, what two random items come to. The structural tree was built from this very similarity, so its line says how much of it the tree has kept; the semantic tree has only seen it through the base model.</p>
<div class="figures">
${figure(
  'Mean Jaccard similarity',
  draw('Mean Jaccard similarity by shared prefix', pairs => pairs.jaccard),
  'Users in common, as a share of the users of either item.',
)}
${figure(
  'Mean number of common users',
  draw('Mean number of common users by shared prefix', pairs => pairs.shared),
  'Users who interacted with both items.',
)}
</div>
${scrolling(
  'Similarity by shared prefix',
  table({
    caption: 'Pairs of items by shared prefix length.',
    columns: [
      { title: 'Pairs' },
      ...numeric('Number', 'With a common user', 'Mean Jaccard', 'Common users', 'Against random'),
    ],
    rows: [
      ...agreement.flatMap(({ view, byPrefix }, index) =>
        byPrefix.map((pairs, prefix) => [
          html`<span class="key">${swatch(index)}${view}, ${prefix} shared</span>`,
          ...figuresOf(pairs, random),
        ]),
      ),
      [html`<span class="key">${swatch(agreement.length)}any two items</span>`, ...figuresOf(random, random)],
    ],
  }),
)}`
}

function figuresOf(pairs: PairSimilarity, random: PairSimilarity): string[] {
  const lift = pairs.jaccard / random.jaccard
  return [
    formatCount(pairs.pairs),
    percent(pairs.connected, pairs.pairs),
    significant(pairs.jaccard),
    significant(pairs.shared),
    Number.isFinite(lift) ? `${lift < 10 ? lift.toFixed(1) : formatCount(Math.round(lift))}×` : '–',
  ]
}

function pointsOf(byPrefix: CodeAgreement['byPrefix'], value: (pairs: PairSimilarity) => number) {
  return byPrefix.flatMap((pairs, x) => (Number.isFinite(value(pairs)) ? [{ x, y: value(pairs) }] : []))
}

const deepest = (agreement: readonly ReportAgreement[]) =>
  agreement.reduce((most, { byPrefix }) => Math.max(most, byPrefix.length - 1), 1)

/** Means over millions of pairs are small: two significant digits, 0.00031. */
function significant(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value === 0 ? '0' : value >= 0.1 ? value.toFixed(3) : value.toPrecision(2)
}
