/** Learning curves: the loss and validation Recall@20 by epoch, drawn by Observable Plot without a browser. */
import type { PlotOptions } from '@observablehq/plot'
import type { ReportCurve } from './data.ts'
import { count, decimal, percent } from './format.ts'
import { type Content, type Html, html, trusted } from './html.ts'
import { breakable, scrolling, table } from './table.ts'

/** Colours of the style sheet, `--c1` to `--c8`. */
export const COLOURS = 8

/** With five dash patterns beside eight colours, forty lines differ, and a few do without colour. */
const DASHES = ['none', '7 3', '2 3', '9 3 2 3', '4 2']

/** In user units; small, so that its letters stay legible on a telephone. */
const WIDTH = 420
const HEIGHT = 260

/** Longer curves are thinned out: no eye sees more. */
const MOST_POINTS = 400

interface Point {
  readonly epoch: number
  readonly value: number
}

interface Line {
  readonly points: readonly Point[]
  readonly best?: Point | undefined
}

export async function curvesSection(curves: readonly ReportCurve[]): Promise<Html> {
  const trained = curves.filter(({ history }) => history.length > 0)
  if (trained.length === 0) return html`<p>No model was trained epoch by epoch in this run.</p>`
  const losses = trained.map(({ history }) => ({ points: pointsOf(history, record => record.loss) }))
  const validations = trained.map(({ history, bestEpoch }) => {
    const points = pointsOf(history, record => record.validation)
    return { points, best: points.find(point => point.epoch === bestEpoch) }
  })
  const draw = await createDrawing()
  return html`<div class="figures">
${figure('Loss by epoch', draw(losses, 'Loss by epoch'), 'Training loss, the mean over the positives. Harder negatives give a higher loss, so it says how a model learns, not which one is better.')}
${figure('Validation Recall@20 by epoch', draw(validations, 'Validation Recall@20 by epoch'), 'Validation Recall@20 where it was measured. A ring marks the best epoch, whose vectors are kept.')}
</div>
${scrolling('Training of every model', legendTable(trained))}`
}

/** The text equivalent of both figures, and their legend. */
function legendTable(curves: readonly ReportCurve[]): Html {
  return table({
    caption: 'The lines of both figures, and what they come to.',
    columns: [
      { title: 'Method' },
      ...['Epochs', 'First loss', 'Last loss', 'Negatives below their positive', 'Best epoch', 'Best Recall@20'].map(
        title => ({ title, numeric: true }),
      ),
    ],
    rows: curves.map(({ method, history, bestEpoch }, index) => {
      const last = history[history.length - 1]
      return [
        html`<span class="key">${swatch(index)}${breakable(method)}</span>`,
        count(last.epoch),
        decimal(history[0].loss),
        decimal(last.loss),
        percent(last.accuracy),
        count(bestEpoch),
        decimal(history.find(record => record.epoch === bestEpoch)?.validation),
      ]
    }),
  })
}

function figure(title: string, drawing: Html | undefined, caption: string): Html {
  return html`<figure><h3>${title}</h3>${drawing ?? html`<p>Nothing was measured.</p>`}<figcaption>${caption}</figcaption></figure>`
}

function swatch(index: number): Content {
  return html`<svg class="swatch" width="36" height="10" aria-hidden="true"><line x1="1" x2="35" y1="5" y2="5" stroke="${colourOf(index)}" stroke-width="2.5" stroke-dasharray="${dashOf(index)}"/></svg>`
}

const colourOf = (index: number) => `var(--c${(index % COLOURS) + 1})`
const dashOf = (index: number) => DASHES[index % DASHES.length]

function pointsOf<T extends { readonly epoch: number }>(
  records: readonly T[],
  value: (record: T) => number | undefined,
): Point[] {
  return records.flatMap(record => {
    const measured = value(record)
    return Number.isFinite(measured) ? [{ epoch: record.epoch, value: measured! }] : []
  })
}

function thin(points: readonly Point[]): readonly Point[] {
  const step = Math.ceil(points.length / MOST_POINTS)
  return points.filter((_, index) => index % step === 0 || index === points.length - 1)
}

/** Plot and a document are heavy, so they are loaded here only. Nothing from outside is drawn but numbers. */
async function createDrawing(): Promise<(lines: readonly Line[], label: string) => Html | undefined> {
  const [Plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')])
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  return (lines, label) => {
    const epochs = lines.flatMap(line => line.points.map(point => point.epoch))
    if (epochs.length === 0) return undefined
    const last = epochs.reduce((a, b) => Math.max(a, b))
    const marks = lines.flatMap(({ points, best }, index) => {
      const stroke = colourOf(index)
      const at = { x: 'epoch', y: 'value' } as const
      const thinned = thin(points)
      const line = Plot.lineY(thinned, { ...at, stroke, strokeWidth: 2, strokeDasharray: dashOf(index) })
      const dots = thinned.length <= 2 ? [Plot.dot(thinned, { ...at, fill: stroke, r: 3 })] : []
      const ring = best ? [Plot.dot([best], { ...at, r: 5.5, stroke, strokeWidth: 2.5, fill: 'var(--paper)' })] : []
      return [line, ...dots, ...ring]
    })
    const options: PlotOptions = {
      document: document as unknown as NonNullable<PlotOptions['document']>,
      className: 'plot',
      width: WIDTH,
      height: HEIGHT,
      marginLeft: 52,
      marginBottom: 42,
      marginTop: 14,
      ariaLabel: `${label}; the table below has its figures`,
      x: {
        domain: [Math.min(1, last - 1), Math.max(2, last)],
        label: 'epoch',
        labelArrow: 'none',
        labelAnchor: 'center',
        ticks: wholeTicks(last),
        tickFormat: count,
      },
      y: { grid: true, nice: true, label: null, ticks: 5 },
      marks,
    }
    const drawing = Plot.plot(options)
    // its style sheet would need a content security policy of its own; ours says the same
    drawing.querySelector('style')?.remove()
    drawing.setAttribute('role', 'img')
    return trusted(drawing.outerHTML)
  }
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
