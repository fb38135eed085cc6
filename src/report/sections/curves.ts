/** Learning curves: the loss and validation Recall@20 by epoch. */
import { decimal, formatCount, percent } from '../../numbers.ts'
import type { ReportCurve } from '../gather/data.ts'
import { type Html, html } from '../page/html.ts'
import {
  createPlotter,
  figure,
  type Line,
  type Looks,
  linePlot,
  type Plotter,
  type Point,
  swatch,
} from '../page/plot.ts'
import { breakable, numeric, scrolling, table } from '../page/table.ts'

export async function curvesSection(curves: readonly ReportCurve[], looks: Looks): Promise<Html> {
  const trained = curves.filter(({ history }) => history.length > 0)
  if (trained.length === 0) return html`<p>No model was trained epoch by epoch in this run.</p>`
  const losses = trained.map(({ method, history }) => ({
    points: pointsOf(history, record => record.loss),
    look: looks(method),
  }))
  const validations = trained.map(({ method, history, bestEpoch }) => {
    const points = pointsOf(history, record => record.validation)
    return { points, ring: points.find(point => point.x === bestEpoch), look: looks(method) }
  })
  const plotter = await createPlotter()
  return html`<div class="figures">
${figure('Loss by epoch', drawCurves(plotter, losses, 'Loss by epoch'), 'Training loss, the mean over the positives. Harder negatives give a higher loss, so it says how a model learns, not which one is better.')}
${figure('Validation Recall@20 by epoch', drawCurves(plotter, validations, 'Validation Recall@20 by epoch'), 'Validation Recall@20 where it was measured. A ring marks the best epoch, whose vectors are kept.')}
</div>
${scrolling('Training of every model', legendTable(trained, looks))}`
}

/** The text equivalent of both figures, and their legend. */
function legendTable(curves: readonly ReportCurve[], looks: Looks): Html {
  return table({
    caption: 'The lines of both figures, and what they come to.',
    columns: [
      { title: 'Method' },
      ...numeric('Epochs', 'First loss', 'Last loss', 'Negatives below their positive', 'Best epoch', 'Best Recall@20'),
    ],
    rows: curves.map(({ method, history, bestEpoch }, index) => {
      const last = history[history.length - 1]
      return [
        html`<span class="key">${swatch(index, looks(method))}${breakable(method)}</span>`,
        formatCount(last.epoch),
        decimal(history[0].loss),
        decimal(last.loss),
        percent(last.accuracy),
        formatCount(bestEpoch),
        decimal(history.find(record => record.epoch === bestEpoch)?.validation),
      ]
    }),
  })
}

function drawCurves(plotter: Plotter, lines: readonly Line[], label: string): Html | undefined {
  const last = lines.flatMap(line => line.points.map(point => point.x)).reduce((a, b) => Math.max(a, b), 0)
  return linePlot(plotter, {
    label: `${label}; the table below has its figures`,
    lines,
    x: {
      domain: [Math.min(1, last - 1), Math.max(2, last)],
      label: 'epoch',
      ticks: wholeTicks(last),
      tickFormat: formatCount,
    },
  })
}

function pointsOf<T extends { readonly epoch: number }>(
  records: readonly T[],
  value: (record: T) => number | undefined,
): Point[] {
  return records.flatMap(record => {
    const measured = value(record)
    return Number.isFinite(measured) ? [{ x: record.epoch, y: measured! }] : []
  })
}

/** About six whole epochs: 1, 50, 100, … */
function wholeTicks(last: number): number[] {
  const steps = [1, 2, 5]
    .flatMap(digit => [0, 1, 2, 3, 4, 5, 6].map(power => digit * 10 ** power))
    .sort((a, b) => a - b)
  const step = steps.find(size => last / size <= 7) ?? last
  const ticks = Array.from({ length: Math.floor(last / step) }, (_, index) => (index + 1) * step)
  return step === 1 ? ticks : [1, ...ticks]
}
