import { describe, expect, it } from 'vitest'
import { toLatex } from '../../src/cli/shared/latex.ts'
import { formatTable } from '../../src/cli/shared/table.ts'
import { latexErrors, noLatex } from '../support/pdflatex.ts'

const table = formatTable(
  ['method', 'NDCG_20', 'interval', 'p'],
  [
    ['dtl-ns − rp3β & co', '.1234*', '[−.01, +.02] ±3 %', '<.0001'],
    ['日本 {x} ~ ^ \\ "q"', '–', '', 'κ ≥ 0 # $'],
  ],
  200,
)

describe('--latex', () => {
  it('makes a tabular of each table, with every sign escaped, and comments of the rest', () => {
    expect(toLatex(`100 % of it\n\n${table}\n* best\nmade from words that go over the gaps between columns`)).toBe(
      [
        '% needs \\usepackage{booktabs}',
        '% 100 % of it',
        '\\begin{tabular}{lrrr}',
        '\\toprule',
        'method & NDCG\\_20 & interval & p \\\\',
        '\\midrule',
        'dtl-ns $-$ rp3$\\beta$ \\& co & .1234* & [$-$.01, +.02] $\\pm$3 \\% & $<$.0001 \\\\',
        "日本 \\{x\\} \\textasciitilde{} \\textasciicircum{} \\textbackslash{} ''q'' & -- &  & $\\kappa$ $\\geq$ 0 \\# \\$ \\\\",
        '\\bottomrule',
        '\\end{tabular}',
        '',
        '% * best',
        '% made from words that go over the gaps between columns',
      ].join('\n'),
    )
  })

  it('is refused where no table is printed', () => {
    expect(() => toLatex('nothing here')).toThrow('--latex: this command prints no table here')
  })

  it.skipIf(noLatex)(`compiles${noLatex ? ` (skipped: ${noLatex})` : ''}`, () => {
    expect(latexErrors(toLatex(`${table.replace('日本', 'ü é')}\nnote`))).toEqual([])
    expect(latexErrors('\\undefined')).not.toEqual([])
  })
})
