/** The bench of samplers as a picture: a column of bars for each figure, a row for each sampler. */

import { colourOf, createPlotter, standalone } from '../../report/page/plot.ts'
import type { SamplerFigures } from './sampler-bench.ts'

const fixed = (digits: number) => (value: number) => value.toFixed(digits)
const COLUMNS: readonly [title: string, of: (own: SamplerFigures) => number, show: (value: number) => string][] = [
  ['draws', own => own.draws, fixed(1)],
  ['refused', own => own.rejections, fixed(3)],
  ['hardness', own => own.hardness, fixed(2)],
  ['validation positives, %', own => 100 * own.validationPositives, fixed(3)],
  ['gradient', own => own.gradientNorm, value => value.toExponential(1)],
  ['µs a positive', own => own.microseconds, fixed(1)],
]

/** An SVG that stands by itself; within a column, bars go from the smallest value, or 0, to the largest. */
export async function samplersFigure(figures: readonly SamplerFigures[]): Promise<string> {
  const { Plot, draw } = await createPlotter()
  const bars = COLUMNS.flatMap(([title, of, show]) => {
    const values = figures.map(of)
    const low = Math.min(0, ...values)
    const span = Math.max(0, ...values) - low || 1
    return figures.map((own, row) => ({
      figure: title,
      sampler: own.sampler,
      length: (values[row] - low) / span,
      text: show(values[row]),
    }))
  })
  const at = { y: 'sampler', fx: 'figure', x: 'length' } as const
  const drawing = draw(
    {
      width: 1180,
      height: 60 + 22 * figures.length,
      marginLeft: 150,
      x: { axis: null, domain: [0, 1.4] },
      y: { label: null, domain: figures.map(({ sampler }) => sampler) },
      fx: { label: null, domain: COLUMNS.map(([title]) => title), padding: 0.05 },
      marks: [
        Plot.barX(bars, { ...at, fill: colourOf(0) }),
        Plot.text(bars, { ...at, text: 'text', textAnchor: 'start', dx: 3 }),
      ],
    },
    `Draws, refusals, hardness, share of validation positives, gradient length and time of ${figures.length} samplers`,
  )
  return standalone(drawing)
}
