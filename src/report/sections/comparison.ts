/** Whether differences in the table mean something: paired comparisons with intervals, and the same by group. */
import type { Comparison } from '../../comparison/compare.ts'
import type { RunComparison } from '../../comparison/runs.ts'
import { decimal, formatCount, level, probability, signed } from '../../numbers.ts'
import { metricLabel } from '../page/format.ts'
import { type Html, html } from '../page/html.ts'
import { colourOf, createPlotter, figure, type Looks, type Plotter } from '../page/plot.ts'
import { breakable, numeric, scrolling, table } from '../page/table.ts'
import { groupsSection } from './groups.ts'

export async function comparisonSection(
  comparison: RunComparison | undefined,
  looks: Looks,
): Promise<Html | undefined> {
  if (!comparison || comparison.comparisons.length === 0) return undefined
  const { comparisons, users, options } = comparison
  const plotter = await createPlotter()
  const metrics = [...new Set(comparisons.map(({ metric }) => metric))]
  const [{ method }] = comparisons
  return html`<h3>${breakable(method)} against the others, user by user</h3>
<p>The same ${formatCount(users)} users are ranked by every method, so differences are taken within each user. Where an interval includes 0, the difference could change sign with other ${resampledIn(comparisons)}.</p>
<div class="figures">${metrics.map(metric => {
    const rows = comparisons.filter(row => row.metric === metric)
    const label = `Difference of ${metricLabel(metric)}`
    return figure(
      label,
      forest(plotter, rows, looks, `${label}; the table below has its figures`),
      `${method} minus each other method, with the ${level(options.level)} interval.`,
    )
  })}</div>
${scrolling('Comparisons', comparisonTable(comparison))}
${groupsSection(comparison, plotter, looks)}`
}

/**
 * A dot and its interval a row, against a line at 0. A method that is much farther away than all others would leave no
 * room for them: it stands at the edge, with its figure. Names of methods are drawn as text, which Plot escapes.
 */
function forest({ Plot, draw }: Plotter, rows: readonly Comparison[], looks: Looks, label: string): Html {
  const longest = rows.reduce((most, row) => Math.max(most, row.against.length), 0)
  const reach = reachOf(rows)
  const [far, near] = [true, false].map(isFar => rows.filter(row => Math.abs(row.difference) > reach === isFar))
  const y = (row: Comparison) => row.against
  const line = { y, stroke: (row: Comparison) => colourOf(looks(row.against).colour), strokeWidth: 2 }
  const beyond = (side: -1 | 1) =>
    Plot.text(
      far.filter(({ difference }) => Math.sign(difference) === side),
      {
        y,
        x: side * reach,
        textAnchor: side > 0 ? 'end' : 'start',
        text: ({ difference }) => (side > 0 ? `${signed(difference)} →` : `← ${signed(difference)}`),
        fill: 'currentColor',
      },
    )
  return draw(
    {
      height: 60 + 26 * rows.length,
      marginLeft: Math.min(200, 20 + 7 * longest),
      marginRight: 12,
      x: { domain: [-reach, reach], label: null, ticks: 4, grid: true },
      y: { type: 'point', domain: rows.map(y), label: null, tickSize: 0 },
      marks: [
        Plot.ruleX([0], { stroke: 'currentColor' }),
        Plot.ruleY(near, { ...line, x1: row => row.interval.low, x2: row => row.interval.high }),
        Plot.dot(near, { ...line, x: row => row.difference, fill: 'var(--paper)', r: 4.5 }),
        beyond(-1),
        beyond(1),
      ],
    },
    label,
  )
}

/** As far as the intervals go, but for methods that are more than three times as far away as the one before. */
function reachOf(rows: readonly Comparison[]): number {
  const ends = rows.map(({ interval: { low, high } }) => Math.max(Math.abs(low), Math.abs(high))).sort((a, b) => a - b)
  const jump = ends.findIndex((end, index) => index > 0 && end > 3 * ends[index - 1])
  return 1.1 * (jump > 0 ? ends[jump - 1] : (ends.at(-1) ?? 0)) || 1
}

function comparisonTable({ comparisons, options }: RunComparison): Html {
  return table({
    caption: `Interval: ${level(options.level)} percentile bootstrap over ${resampledIn(comparisons)}, ${formatCount(options.resamples)} samples. d: effect size, the mean difference over its standard deviation. p: two-sided sign-flip test over users; Holm and BH correct it for all ${formatCount(comparisons.length)} comparisons of the table.`,
    columns: [
      { title: 'Against' },
      { title: 'Metric' },
      ...numeric('Its mean', 'Difference', 'From', 'To', 'd', 'Better', 'Worse', 'Same', 'p', 'Holm', 'BH'),
    ],
    rows: comparisons.map(row => [
      breakable(row.against),
      metricLabel(row.metric),
      decimal(row.means[1]),
      html`<strong>${signed(row.difference)}</strong>`,
      signed(row.interval.low),
      signed(row.interval.high),
      row.effectSize.toFixed(2).replace('-', '−'),
      ...[row.users.better, row.users.worse, row.users.same].map(formatCount),
      ...[row.p, row.holm, row.falseDiscovery].map(p => probability(p)),
    ]),
  })
}

/** What the intervals of a table know of. */
export function resampledIn(rows: readonly Pick<Comparison, 'resampled'>[]): string {
  const known = new Set(rows.map(({ resampled }) => resampled))
  return known.size > 1 ? 'users, and of seeds where a method has several' : rows[0].resampled
}

/** What the interval says of the difference that the summary names. */
export function intervalSentence(comparison: RunComparison | undefined, base: string): string {
  const row = comparison?.comparisons.findLast(({ against, metric }) => against === base && metric.startsWith('ndcg@'))
  if (!row) return ''
  const { low, high } = row.interval
  const words = low > 0 || high < 0 ? 'is statistically significant' : 'is not statistically distinguishable from zero'
  return ` The difference from the base model ${words} (${level(comparison!.options.level)} CI over ${row.resampled}: ${signed(low)} to ${signed(high)}).`
}
