/** Tables of the terminal as LaTeX: what stands above and below them becomes comments. */

import { UsageError } from '../../errors.ts'
import { widthOf } from './table.ts'

const SIGNS: Readonly<Record<string, string>> = {
  ...{ '\\': '\\textbackslash{}', '~': '\\textasciitilde{}', '^': '\\textasciicircum{}', '"': "''" },
  ...{ '<': '$<$', '>': '$>$', '|': '$|$', '−': '$-$', '–': '--', '±': '$\\pm$', '×': '$\\times$', '·': '$\\cdot$' },
  ...{ '≥': '$\\geq$', '≤': '$\\leq$', '→': '$\\to$', '…': '\\dots{}', '³': '$^3$', '%': '\\%', '\u00a0': '~' },
  ...{ α: '$\\alpha$', β: '$\\beta$', γ: '$\\gamma$', κ: '$\\kappa$', '✔': 'yes', '✓': 'yes' },
}

/** A cell of more characters than this is a text, which may be broken. */
const LONG = 45

const quoteLatex = (text: string) =>
  text.replace(/[\\~^"<>|−–±×·≥≤→…³%\u00a0αβγκ✔✓&#_${}]/g, sign => SIGNS[sign] ?? `\\${sign}`)

/**
 * @param text with tables as `formatTable` writes them: a line of titles, a line of rules, rows
 * @throws UsageError when there is no table in it
 */
export function toLatex(text: string): string {
  const lines = text.split('\n')
  const isRule = (line: string | undefined) => line !== undefined && /^─+( +─+)*$/.test(line)
  if (!lines.some(isRule)) throw new UsageError('--latex: this command prints no table here')
  const parts: string[] = ['% needs \\usepackage{booktabs}']
  for (let at = 0; at < lines.length; at++) {
    if (!isRule(lines[at + 1])) {
      if (lines[at].trim() !== '') parts.push(`% ${lines[at]}`)
      continue
    }
    const spans = [...lines[at + 1].matchAll(/─+/g)].map(({ index, 0: rule }) => ({
      start: index,
      length: rule.length,
    }))
    const row = (line: string) => `${spans.map(span => quoteLatex(cellAt(line, span).trim())).join(' & ')} \\\\`
    let end = at + 2
    while (end < lines.length && lines[end].trim() !== '' && fits(lines[end], spans)) end++
    const body = lines.slice(at + 2, end)
    const isLong = (span: Span) => body.some(line => cellAt(line, span).trim().length > LONG)
    const columns = spans.slice(1).map(span => (isLong(span) ? 'p{0.7\\textwidth}' : 'r'))
    parts.push(
      `\\begin{tabular}{l${columns.join('')}}`,
      ...['\\toprule', row(lines[at]), '\\midrule', ...body.map(row), '\\bottomrule'],
      '\\end{tabular}',
      '',
    )
    at = end - 1
  }
  return parts.join('\n').trimEnd()
}

interface Span {
  readonly start: number
  readonly length: number
}

/** What stands in some columns of the terminal. */
function cellAt(line: string, { start, length }: Span): string {
  let [cell, column] = ['', 0]
  for (const sign of line) {
    if (column >= start && column < start + length) cell += sign
    column += widthOf(sign)
  }
  return cell
}

/** A note below a table is no row of it: its words go over the gaps between the columns, or fill the first alone. */
function fits(line: string, spans: readonly Span[]): boolean {
  const more = spans.slice(1)
  const isAligned = more.every(({ start }) => cellAt(line, { start: start - 2, length: 2 }).trim() === '')
  return isAligned && (more.length === 0 || more.some(span => cellAt(line, span).trim() !== ''))
}
