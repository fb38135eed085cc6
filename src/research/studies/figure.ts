/** The figure of a study. */
import { decimal } from '../../numbers.ts'
import { metricName } from '../../report/page/format.ts'
import type { Html } from '../../report/page/html.ts'
import { colourOf, createPlotter, dashOf, type Plotter } from '../../report/page/plot.ts'

export interface FigureRow {
  readonly name: string
  readonly at: Readonly<Record<string, number | string>>
  readonly figures: Readonly<Record<string, number>>
  readonly deviations?: Readonly<Record<string, number>>
  /** of the figure that is drawn: this row less another */
  readonly difference?: { readonly value: number }
}

/** A value that is drawn across the figure, and what it is of. */
export interface Level {
  readonly name: string
  readonly value: number
}

/** What is drawn, by names of figures and of what is varied. */
export type Figure =
  /**
   * a dot per row, with its deviation where there are several seeds; and what rows are compared with, as a line at one level,
   * or as a ring beside each row that has its own
   */
  | { readonly kind: 'dots'; readonly value: string; readonly rows: readonly FigureRow[]; readonly level?: Level }
  /** a cell for each pair of what is varied */
  | {
      readonly kind: 'heat'
      readonly x: string
      readonly y: string
      readonly value: string
      readonly rows: readonly FigureRow[]
    }
  /** a line over what is varied for each `series` of the rows, with its deviations; a row for which nothing is varied is a level line */
  | { readonly kind: 'line'; readonly x: string; readonly value: string; readonly rows: readonly FigureRow[] }

/** @param label what is seen, for those who cannot see it */
export async function drawStudyFigure(figure: Figure, label: string): Promise<Html> {
  const plotter = await createPlotter()
  const draw = { dots: dotPlot, heat: heatMap, line: lineOver }[figure.kind] as (
    plotter: Plotter,
    figure: Figure,
    label: string,
  ) => Html
  return draw(plotter, figure, label)
}

/** What the marks of a figure are; "" when there is nothing to say. @param held what rings stand for */
export function describeMarks(figure: Figure, held: string | undefined): string {
  const level = figure.kind === 'dots' ? figure.level : undefined
  const rings = figure.kind === 'dots' && !level && figure.rows.some(({ difference }) => difference)
  const spread = figure.kind !== 'heat' && figure.rows.some(({ deviations }) => deviations)
  const marks = [
    ...(figure.kind === 'heat' ? ['The highest is framed.'] : []),
    ...(level ? [`The dashed line: ${level.name}.`] : []),
    ...(rings && held !== undefined ? [`The rings: ${held}.`] : []),
    ...(spread ? ['Bars and bands: one standard deviation over the seeds, to both sides.'] : []),
  ]
  return marks.join(' ')
}

type Of<Kind extends Figure['kind']> = Extract<Figure, { kind: Kind }>

const measured = (rows: readonly FigureRow[], value: string) => rows.filter(row => Number.isFinite(row.figures[value]))

function dotPlot({ Plot, draw }: Plotter, { rows, value, level }: Of<'dots'>, label: string) {
  const shown = measured(rows, value)
  const y = (row: FigureRow) => row.name
  const x = (row: FigureRow) => row.figures[value]
  const spread = shown.filter(row => row.deviations !== undefined)
  const end = (sign: number) => (row: FigureRow) => x(row) + sign * (row.deviations![value] ?? 0)
  const held = level === undefined ? shown.filter(({ difference }) => difference) : []
  const longest = shown.reduce((most, row) => Math.max(most, row.name.length), 0)
  return draw(
    {
      width: 640,
      height: 70 + 24 * shown.length,
      marginLeft: 20 + 6.6 * longest,
      x: { grid: true, nice: true, label: nameOf(value), labelArrow: 'none', labelAnchor: 'center', ticks: 5 },
      y: { domain: shown.map(y), label: null, type: 'point' },
      marks: [
        Plot.ruleX(level === undefined ? [] : [level.value], { stroke: colourOf(1), strokeDasharray: '4 3' }),
        Plot.dot(held, { y, x: row => x(row) - row.difference!.value, r: 4.5, stroke: colourOf(1), strokeWidth: 2 }),
        Plot.ruleY(spread, { y, x1: end(-1), x2: end(1), stroke: colourOf(0), strokeWidth: 2 }),
        Plot.dot(shown, { x, y, r: 4.5, fill: colourOf(0) }),
      ],
    },
    label,
  )
}

function heatMap({ Plot, draw }: Plotter, { rows, x, y, value }: Of<'heat'>, label: string) {
  const shown = measured(rows, value)
  const axis = (name: string) => [...new Set(shown.map(row => row.at[name]))]
  const best = shown.reduce((a, b) => (b.figures[value] > a.figures[value] ? b : a))
  const place = { x: (row: FigureRow) => row.at[x], y: (row: FigureRow) => row.at[y] }
  const values = shown.map(row => row.figures[value])
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const share = (row: FigureRow) => (high > low ? (row.figures[value] - low) / (high - low) : 0)
  return draw(
    {
      width: 120 + 84 * axis(x).length,
      height: 90 + 48 * axis(y).length,
      marginLeft: 64,
      x: { domain: axis(x), label: x, type: 'band', labelArrow: 'none', labelAnchor: 'center' },
      y: { domain: axis(y), label: y, type: 'band', labelArrow: 'none', reverse: true },
      opacity: { type: 'identity' },
      marks: [
        Plot.cell(shown, { ...place, fill: colourOf(0), fillOpacity: row => 0.08 + 0.62 * share(row), inset: 1 }),
        Plot.cell([best], { ...place, stroke: colourOf(1), strokeWidth: 2.5, inset: 2 }),
        Plot.text(shown, { ...place, text: row => decimal(row.figures[value]), fill: 'var(--ink)' }),
      ],
    },
    label,
  )
}

function lineOver({ Plot, draw }: Plotter, { rows, x, value }: Of<'line'>, label: string) {
  const all = measured(rows, value)
  const shown = all.filter(row => typeof row.at[x] === 'number')
  const others = all.filter(row => !shown.includes(row))
  const place = { x: (row: FigureRow) => row.at[x], y: (row: FigureRow) => row.figures[value] }
  const end = (sign: number) => (row: FigureRow) => row.figures[value] + sign * (row.deviations?.[value] ?? 0)
  const spread = { x: place.x, y1: end(-1), y2: end(1), strokeWidth: 1.5 }
  const lines = [...Map.groupBy(shown, ({ at }) => at.series)]
  const longest = lines.reduce((most, [name = '']) => Math.max(most, String(name).length), 0)
  const reach = shown.map(row => Number(row.at[x]))
  const [first, last] = [Math.min(...reach), Math.max(...reach)]
  return draw(
    {
      width: 560 + (longest && 16 + 6.6 * longest),
      height: lines.length > 1 ? 420 : 320,
      marginLeft: 64,
      marginRight: 20 + (longest && 16 + 6.6 * longest),
      marginTop: 24,
      x: { label: x, labelArrow: 'none', labelAnchor: 'center' },
      y: { grid: true, nice: true, label: nameOf(value), labelArrow: 'none', ticks: 5 },
      marks: [
        Plot.rect(others, { x1: first, x2: last, y1: end(-1), y2: end(1), fill: colourOf(1), fillOpacity: 0.12 }),
        Plot.ruleY(others, { y: place.y, stroke: colourOf(1), strokeDasharray: '4 3' }),
        Plot.text(others, { x: last, y: place.y, text: row => row.name, textAnchor: 'end', dy: -8, fill: colourOf(1) }),
        ...lines.flatMap(([name, own], index) => {
          const stroke = colourOf(index)
          return [
            Plot.ruleX(own, { ...spread, stroke }),
            Plot.lineY(own, { ...place, stroke, strokeWidth: 2, strokeDasharray: dashOf(index) }),
            Plot.dot(own, { ...place, fill: stroke, r: 4 }),
            ...(name === undefined
              ? []
              : [
                  Plot.text([own[own.length - 1]], {
                    ...place,
                    text: () => name,
                    textAnchor: 'start',
                    dx: 8,
                    fill: stroke,
                  }),
                ]),
          ]
        }),
      ],
    },
    label,
  )
}

/** "NDCG@20" for a metric, the name itself for any other figure */
function nameOf(key: string): string {
  const { label, cutoff } = metricName(key)
  return cutoff === undefined ? key : `${label}@${cutoff}`
}
