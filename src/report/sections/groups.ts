/** For whom and for what the methods are good: their metrics by activity of the users and popularity of the items. */
import type { GroupResult } from '../../comparison/groups.ts'
import type { RunComparison } from '../../comparison/runs.ts'
import { formatCount } from '../../numbers.ts'
import { metricLabel } from '../page/format.ts'
import { type Content, type Html, html } from '../page/html.ts'
import { block, colourOf, figure, type Looks, type Plotter } from '../page/plot.ts'
import { breakable, scrolling, table } from '../page/table.ts'

const KINDS = [
  {
    by: 'user activity',
    of: 'Users by their number of items in train',
    note: 'Users with few interactions on the left.',
  },
  {
    by: 'item popularity',
    of: 'Held-out items by their number of users in train',
    note: 'Only the items of the group count as held out, in the places that they have in the whole list.',
  },
] as const

/** A bar a method in each group. */
interface Bar {
  readonly group: string
  readonly method: string
  readonly value: number
}

export function groupsSection({ groups, methods }: RunComparison, plotter: Plotter, looks: Looks): Content {
  const metric = groups.findLast(group => group.metric.startsWith('ndcg@'))?.metric ?? groups[0]?.metric
  if (metric === undefined) return undefined
  // the method in question last, as in the table of results
  const [own, ...others] = methods.map(({ name }) => name)
  const names = [...others, own]
  return html`<h3>By group</h3>
<p class="legend">${names.map(name => html`<span class="key">${block(looks(name).colour)}${breakable(name)}</span> `)}</p>
<div class="figures">${KINDS.map(({ by, of, note }) => {
    const bars = barsOf(groups.filter(group => group.by === by && group.metric === metric))
    return figure(
      `${metricLabel(metric)} by ${by}`,
      drawBars(plotter, bars, names, looks, `${metricLabel(metric)} by ${by}; the table below has its figures`),
      `${of}. ${note}`,
    )
  })}</div>
<details><summary>Every metric by group</summary>${scrolling('Metrics by group', groupTable(groups, names, looks))}</details>`
}

/** Each comparison names the method in question again: once is enough. */
function barsOf(groups: readonly GroupResult[]): Bar[] {
  const bars = new Map<string, Bar>()
  for (const { low, high, method, against, means } of groups) {
    const group = rangeOf(low, high)
    for (const [name, value] of [
      [method, means[0]],
      [against, means[1]],
    ] as const)
      bars.set(`${group} ${name}`, { group, method: name, value })
  }
  return [...bars.values()]
}

function drawBars(
  { Plot, draw }: Plotter,
  bars: readonly Bar[],
  names: readonly string[],
  looks: Looks,
  label: string,
) {
  if (bars.length === 0) return undefined
  return draw(
    {
      marginLeft: 44,
      fx: {
        domain: [...new Set(bars.map(({ group }) => group))],
        label: 'interactions in train',
        padding: 0.18,
        labelAnchor: 'center',
      },
      x: { domain: [...names], axis: null, padding: 0.08 },
      y: { grid: true, nice: true, label: null, ticks: 5 },
      marks: [
        Plot.barY(bars, { fx: 'group', x: 'method', y: 'value', fill: bar => colourOf(looks(bar.method).colour) }),
        Plot.ruleY([0], { stroke: 'currentColor' }),
        Plot.axisFx({ anchor: 'bottom', labelArrow: 'none', label: 'interactions in train' }),
      ],
    },
    label,
  )
}

function groupTable(groups: readonly GroupResult[], names: readonly string[], looks: Looks): Html {
  const same = Map.groupBy(groups, ({ metric, by, low, high }) => `${metric} ${by} ${low} ${high}`)
  return table({
    caption: 'Means over the users of a group, or over the users with an item of the group held out.',
    columns: [
      { title: 'Group' },
      { title: 'Metric' },
      { title: 'Users', numeric: true },
      ...names.map(name => ({ title: html`${block(looks(name).colour)} ${name}`, numeric: true })),
    ],
    rows: Array.from(same.values(), rows => {
      const [{ by, low, high, metric, users }] = rows
      const values = new Map(barsOf(rows).map(bar => [bar.method, bar.value]))
      return [
        `${by} ${rangeOf(low, high)}`,
        metricLabel(metric),
        formatCount(users),
        ...names.map(name => values.get(name)?.toFixed(4) ?? '–'),
      ]
    }),
  })
}

const rangeOf = (low: number, high: number) =>
  low === high ? formatCount(low) : `${formatCount(low)}–${formatCount(high)}`
