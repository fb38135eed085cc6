/** A search as a picture: what every training came to, by the time spent, and the best so far. */
import type { Html } from './html.ts'
import { colourOf, createPlotter } from './plot.ts'

export interface SweepPoint {
  /** since the search began, when the training ended */
  readonly seconds: number
  readonly value: number
  /** 0 for the shortest trainings */
  readonly rung: number
}

/** An SVG that stands by itself. @param metric what the values are, such as ndcg@20 */
export async function sweepFigure(points: readonly SweepPoint[], metric: string): Promise<string> {
  const { Plot, draw } = await createPlotter()
  const unit = points.some(({ seconds }) => seconds >= 600)
    ? { title: 'minutes', seconds: 60 }
    : { title: 'seconds', seconds: 1 }
  const placed = points.map(({ seconds, value, rung }) => ({ x: seconds / unit.seconds, y: value, rung }))
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
      { ...at, r: 3 + rung, stroke: colourOf(rung), fill: 'none', strokeWidth: 2 },
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

/** Outside the report nothing says what the colours are. */
function standalone(drawing: Html): string {
  const colours = ['#2563a8', '#c2571a', '#2e7d4f', '#8a3fa0', '#a8852b', '#b3364a', '#3a8a93', '#6b6b6b']
  return String(drawing)
    .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="10" ')
    .replace(/var\(--c(\d)\)/g, (_, number: string) => colours[Number(number) - 1])
}
