/** Tables, and the bars that stand in them. */
import { type Content, type Html, html, trusted } from './html.ts'

export interface Column {
  readonly title: Content
  /** aligned to the right */
  readonly numeric?: boolean
  /** takes the room that is left */
  readonly wide?: boolean
}

/** Columns of figures, by their titles. */
export const numeric = (...titles: string[]): Column[] => titles.map(title => ({ title, numeric: true }))

export interface Table {
  readonly caption: Content
  readonly columns: readonly Column[]
  /** the first cell is the row's heading */
  readonly rows: readonly (readonly Content[])[]
  /** a last row that sums up */
  readonly total?: readonly Content[]
  /** where there is too little room for columns; by their number when absent */
  readonly stack?: Stack
}

/** The widest page on which the rows of a table are stacked: a telephone, a tablet, a small window, or any. */
export type Stack = 'narrow' | 'medium' | 'wide' | 'always'

/** A table with headings for both columns and rows, so that it can be read aloud. */
export function table({ caption, columns, rows, total, stack = stackOf(columns.length) }: Table): Html {
  const row = (cells: readonly Content[]) =>
    html`<tr>${cells.map((cell, index) =>
      index === 0
        ? html`<th scope="row"${classOf(columns[0])}>${cell}</th>`
        : html`<td${classOf(columns[index])}${labelled(columns[index].title)}>${cell}</td>`,
    )}</tr>\n`
  return html`<table class="stack-${stack}">
<caption><span>${caption}</span></caption>
<thead><tr>${columns.map(column => html`<th scope="col"${classOf(column)}>${column.title}</th>`)}</tr></thead>
<tbody>
${rows.map(row)}</tbody>${total && html`\n<tfoot>${row(total)}</tfoot>`}
</table>`
}

function stackOf(columns: number): Stack {
  return columns > 13 ? 'always' : columns > 9 ? 'wide' : columns > 6 ? 'medium' : 'narrow'
}

/** The title of a cell's column, which stands before it where rows are stacked. */
export function labelled(title: Content): Html {
  const words = html`${title}`
    .toString()
    .replace(/<[^>]*>/g, '')
    .trim()
  return html` data-label="${trusted(words)}"`
}

function classOf({ numeric, wide }: Column): Content {
  return numeric ? html` class="numeric"` : wide && html` class="wide"`
}

/** Around what may be wider than a telephone: it scrolls sideways, with the keyboard too. */
export function scrolling(label: string, content: Content): Html {
  return html`<div class="scrolling" role="region" aria-label="${label}" tabindex="0">${content}</div>`
}

/** A horizontal bar over the width of its cell, for what the same row says in figures. @param share in [0, 1] */
export function bar(share: number): Html {
  const width = Number.isFinite(share) ? Math.min(100, Math.max(0, share * 100)).toFixed(2) : '0'
  return html`<svg class="bar" aria-hidden="true"><rect class="rail" width="100%" height="100%"/><rect class="fill" width="${width}%" height="100%"/></svg>`
}

/** A name from outside, which may be long: lines may end after its separators, and its direction is its own. */
export function breakable(name: string): Html {
  return html`<bdi class="name">${name.split(/(?<=[-+/_.,])/).map((part, index) => html`${index > 0 && html`<wbr>`}${part}`)}</bdi>`
}

/** Names and values beside each other. */
export function definitions(entries: readonly (readonly [Content, Content])[]): Html {
  return html`<dl>${entries.map(([name, value]) => html`<div><dt>${name}</dt> <dd>${value}</dd></div>\n`)}</dl>`
}
