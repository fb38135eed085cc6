/** Tables and sentences for the terminal. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * How many columns of a terminal a text takes. The package takes 34 ms to load, a fifth of the start of a command, and is
 * loaded for a text that is more than printable ASCII.
 */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  const { default: stringWidth }: typeof import('string-width') = require('string-width')
  return stringWidth(text)
}

/** Columns of the terminal; of a log or pipe, what a page shows. */
export const outputWidth = () => process.stdout.columns ?? 100

const GAP = '  '

/**
 * Headings left, the other columns right. What does not fit into `width` columns goes into further tables below, which
 * begin with the headings again.
 * @param headings how many of the first columns say what a row is
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width = outputWidth(),
  headings = 1,
): string {
  const widths = header.map((title, column) => Math.max(widthOf(title), ...rows.map(row => widthOf(row[column]))))
  const groups: number[][] = [[]]
  const first = header.map((_, column) => column).slice(0, headings)
  const taken = first.reduce((sum, column) => sum + widths[column] + GAP.length, -GAP.length)
  let used = taken
  for (let column = headings; column < header.length; column++) {
    const wanted = widths[column] + GAP.length
    if (used + wanted > width && groups[groups.length - 1].length > 0) {
      groups.push([])
      used = taken
    }
    groups[groups.length - 1].push(column)
    used += wanted
  }
  const table = (columns: readonly number[]) => {
    const line = (cells: readonly string[]) =>
      columns
        .map(at => pad(cells[at], widths[at], at >= headings))
        .join(GAP)
        .trimEnd()
    return [line(header), line(widths.map(length => '─'.repeat(length))), ...rows.map(line)].join('\n')
  }
  return groups.map(columns => table([...first, ...columns])).join('\n\n')
}

/** A row for each of `rows`, by what each column says of it. */
export function formatColumns<T>(
  rows: readonly T[],
  columns: readonly (readonly [title: string, cell: (row: T) => string | number])[],
): string {
  const cells = rows.map(row => columns.map(([, cell]) => String(cell(row))))
  return formatTable(columns.map(([title]) => title), cells) // biome-ignore format: one line
}

function pad(cell: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(cell)))
  return right ? space + cell : cell + space
}

/**
 * Breaks each line between words where it is longer than `width`; what continues is indented like its line.
 * @param hang what more it is indented by
 * @param end of each line that continues
 */
export function wrapText(text: string, width = outputWidth(), hang = '', end = ''): string {
  const lines = text.split('\n').flatMap(line => {
    const indent = /^ */.exec(line)![0]
    const done: string[] = []
    let current = indent
    for (const word of line.trim().split(' ')) {
      const longer = current.trim() === '' ? current + word : `${current} ${word}`
      if (current.trim() !== '' && widthOf(longer + end) > width) {
        done.push(current + end)
        current = indent + hang + word
      } else current = longer
    }
    return [...done, current]
  })
  return lines.join('\n')
}
