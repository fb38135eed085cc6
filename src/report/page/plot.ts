/** Figures in the report's colours, drawn by Observable Plot without a browser. */
import type * as Plot from '@observablehq/plot'
import { type Html, html, trusted } from './html.ts'

/** Colours of the style sheet, `--c1` to `--c8`. */
export const COLOURS = 8

/** With five dash patterns beside eight colours, forty lines differ, and a few do without colour. */
const DASHES = ['none', '7 3', '2 3', '9 3 2 3', '4 2']

export const colourOf = (index: number) => `var(--c${(index % COLOURS) + 1})`
export const dashOf = (index: number) => DASHES[index % DASHES.length]

/** In user units; small, so that its letters stay legible on a telephone. */
const WIDTH = 420
const HEIGHT = 260

/** Longer lines are thinned out: no eye sees more. */
const MOST_POINTS = 400

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Line {
  readonly points: readonly Point[]
  /** marked with a ring */
  readonly ring?: Point | undefined
  /** every point is marked with a dot */
  readonly dots?: boolean
  /** that of its method; the line's place when absent */
  readonly look?: Look
}

/** Colour and dashes, as `colourOf` and `dashOf` number them. */
export interface Look {
  readonly colour: number
  readonly dash: number
}

/** One look for a method wherever it is drawn. */
export type Looks = (method: string) => Look

export interface LinePlot {
  /** for those who cannot see it */
  readonly label: string
  /** line n has colour and dashes n, those of `swatch(n)`, unless it has a look of its own */
  readonly lines: readonly Line[]
  readonly x: Plot.ScaleOptions
  readonly y?: Plot.ScaleOptions
}

/** Plot, and what turns its options into markup. */
export interface Plotter {
  readonly Plot: typeof Plot
  /**
   * Text from outside may only be drawn as text, such as the label of a tick.
   * @param label for those who cannot see it
   */
  draw(options: Plot.PlotOptions, label: string): Html
}

/** Plot and a document are heavy, so they are loaded here only. */
export async function createPlotter(): Promise<Plotter> {
  const [Plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')])
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  return {
    Plot,
    draw(options, label) {
      const drawing = Plot.plot({
        document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
        className: 'plot',
        width: WIDTH,
        height: HEIGHT,
        marginLeft: 52,
        marginBottom: 42,
        marginTop: 14,
        ...options,
      })
      // its style sheet would need a content security policy of its own; ours says the same
      drawing.querySelector('style')?.remove()
      drawing.setAttribute('role', 'img')
      // the label is put in here, since the document's own serializer leaves attributes as they are
      return html`<svg aria-label="${label}"${trusted(drawing.outerHTML.slice('<svg'.length))}`
    },
  }
}

/** @returns undefined when no line has a point */
export function linePlot({ Plot, draw }: Plotter, { label, lines, x, y }: LinePlot): Html | undefined {
  if (lines.every(({ points }) => points.length === 0)) return undefined
  const marks = lines.flatMap(({ points, ring, dots, look: own }, index) => {
    const look = own ?? { colour: index, dash: index }
    const stroke = colourOf(look.colour)
    const at = { x: 'x', y: 'y' } as const
    const thinned = thin(points)
    const line = Plot.lineY(thinned, { ...at, stroke, strokeWidth: 2, strokeDasharray: dashOf(look.dash) })
    const marked = dots || thinned.length <= 2 ? [Plot.dot(thinned, { ...at, fill: stroke, r: 3 })] : []
    const best = ring ? [Plot.dot([ring], { ...at, r: 5.5, stroke, strokeWidth: 2.5, fill: 'var(--paper)' })] : []
    return [line, ...marked, ...best]
  })
  const axis = { labelArrow: 'none', labelAnchor: 'center', ...x } as const
  return draw({ x: axis, y: { grid: true, nice: true, label: null, ticks: 5, ...y }, marks }, label)
}

function thin(points: readonly Point[]): readonly Point[] {
  const step = Math.ceil(points.length / MOST_POINTS)
  return points.filter((_, index) => index % step === 0 || index === points.length - 1)
}

/** The look of line n, to stand before its name. */
export function swatch(index: number, { colour, dash }: Look = { colour: index, dash: index }): Html {
  return html`<svg class="swatch" width="36" height="10" aria-hidden="true"><line x1="1" x2="35" y1="5" y2="5" stroke="${colourOf(colour)}" stroke-width="2.5" stroke-dasharray="${dashOf(dash)}"/></svg>`
}

/** The colour of bar n, to stand before its name. */
export function block(index: number): Html {
  return html`<svg class="swatch" width="12" height="12" aria-hidden="true"><rect width="12" height="12" rx="2" fill="${colourOf(index)}"/></svg>`
}

/** A picture with its heading and what it shows in words. */
export function figure(title: string, drawing: Html | undefined, caption: string): Html {
  return html`<figure><h3>${title}</h3>${drawing ?? html`<p>Nothing was measured.</p>`}<figcaption>${caption}</figcaption></figure>`
}

/** The colours of the report that are used, and what an SVG has no page for. */
const STYLE = `<style>:root{--paper:#fdfcfa;--ink:#1f2428;--c1:#0b6e99;--c2:#c2570c;--c3:#3a7d44;--c4:#8a4fa3}svg{background:var(--paper);color:var(--ink);font:12.5px system-ui,sans-serif}
@media (prefers-color-scheme:dark){:root{--paper:#15181b;--ink:#e3e5e6;--c1:#5fb3dd;--c2:#f0954d;--c3:#7cc58a;--c4:#c79be0}}</style>`

/** A drawing in the first four colours as an SVG file of its own, light and dark. */
export function standalone(drawing: Html): string {
  const named = drawing.toString().replace(/^<svg(?![^>]*xmlns=)/, '<svg xmlns="http://www.w3.org/2000/svg"')
  return `${named.replace(/^(<svg[^>]*>)/, `$1${STYLE}`)}\n`
}
