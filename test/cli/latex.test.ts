import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { toLatex } from '../../src/cli/shared/latex.ts'
import { formatTable } from '../../src/cli/shared/table.ts'
import { runHere } from '../support/cli.ts'
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

  it('breaks long texts into lines, and is there for "list" too', async () => {
    const { stdout } = await runHere(['list', 'metrics', '--latex'])
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      '% needs \\usepackage{booktabs}',
      '\\begin{tabular}{lp{0.7\\textwidth}}',
      '\\toprule',
      'metrics & what it is \\\\',
      '\\midrule',
    ])
    if (!noLatex) expect(latexErrors((await runHere(['list', '--latex'])).stdout)).toEqual([])
  })

  it('each command that makes a table takes it', async () => {
    const sources = readdirSync('src/cli/commands', { recursive: true, encoding: 'utf8' }).filter(file => {
      if (!file.endsWith('.ts')) return false
      return /formatTable|formatComparison|formatResults|printAnswers/.test(readFileSync(join('src/cli/commands', file), 'utf8'))
    })
    expect(sources.length).toBeGreaterThan(8)
    for (const file of sources) {
      const command = new Command()
      const { configure } = await import(join(process.cwd(), 'src/cli/commands', file))
      await configure?.(command, [])
      if (configure) expect(command.options.map(({ long }) => long), file).toContain('--latex')
    }
  }) // biome-ignore format: one line each

  it.skipIf(noLatex)(`compiles${noLatex ? ` (skipped: ${noLatex})` : ''}`, () => {
    expect(latexErrors(toLatex(`${table.replace('日本', 'ü é')}\nnote`))).toEqual([])
    expect(latexErrors('\\undefined')).not.toEqual([])
  })
})
