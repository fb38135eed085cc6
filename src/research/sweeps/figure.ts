/** A search as a picture: what every training came to, by the time spent, and the best so far. */
import { colourOf, createPlotter, standalone } from '../../report/page/plot.ts'

/** A training, as a search has them, in the order they were made. */
export interface SweepPoint {
  /** it took so long */
  readonly seconds: number
  readonly value: number
  /** 0 for the shortest trainings */
  readonly rung: number
  /** counts in the time, but has no value */
  readonly failed?: string
}

/** An SVG that stands by itself. @param metric what the values are, such as ndcg@20 */
export async function sweepFigure(points: readonly SweepPoint[], metric: string): Promise<string> {
  const { Plot, draw } = await createPlotter()
  const total = points.reduce((sum, { seconds }) => sum + seconds, 0)
  const unit = total >= 600 ? { title: 'minutes', seconds: 60 } : { title: 'seconds', seconds: 1 }
  let spent = 0
  const placed = points
    .map(({ seconds, value, rung, failed }) => {
      spent += seconds
      return { x: spent / unit.seconds, y: value, rung, failed }
    })
    .filter(({ failed }) => failed === undefined)
  let best = Number.NEGATIVE_INFINITY
  const climb = placed.map(({ x, y }) => {
    best = Math.max(best, y)
    return { x, y: best }
  })
  const at = { x: 'x', y: 'y' } as const
  const rungs = [...new Set(placed.map(({ rung }) => rung))].sort((a, b) => a - b)
  const dots = rungs.map(rung =>
    Plot.dot(
      placed.filter(own => own.rung === rung),
      { ...at, r: 3 + rung, stroke: colourOf(rung % 4), fill: 'none', strokeWidth: 2 },
    ),
  )
  const drawing = draw(
    {
      x: { label: `${unit.title} of training`, labelArrow: 'none', labelAnchor: 'center' },
      y: { label: `validation ${metric}`, labelArrow: 'none', grid: true, nice: true, ticks: 5 },
      marks: [Plot.lineY(climb, { ...at, curve: 'step-after', stroke: 'currentColor', strokeWidth: 1.5 }), ...dots],
    },
    `Validation ${metric} of ${points.length} trainings by time; larger rings were trained longer; the line is the best so far`,
  )
  return standalone(drawing)
}
