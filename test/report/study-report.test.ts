import { describe, expect, it } from 'vitest'
import { drawStudyFigure } from '../../src/report/study-figure.ts'
import { renderStudyReport } from '../../src/report/study-report.ts'

const figure = await drawStudyFigure(
  { kind: 'dots', value: 'ndcg@20', rows: [{ name: '<i>', at: {}, figures: { 'ndcg@20': 0.1 } }] },
  'what was found',
)
const report = {
  title: 'ablation: what each part adds',
  paragraph: 'Nothing & more.',
  header: ['variant', 'NDCG@20'],
  rows: [['ledger runs/<i>.sqlite', '0.1000 ± 0.0010']],
  figure,
  marks: 'The dashed line: the whole.',
  source: 'arXiv 2602.18249',
  options: { study: { metric: 'ndcg@20', ledgers: [] }, 'every run': { epochs: 3 } },
  environment: { seed: 1, memoryBytes: 2_000_000 },
}

describe('the report of a study', () => {
  const page = renderStudyReport(report)

  it('has the paragraph, the table, the figure and what they were made with', () => {
    expect(page).toContain('<p class="summary">Nothing &amp; more.</p>')
    expect(page).toContain('<td class="numeric">0.1000 ± 0.0010</td>')
    expect(page).toMatch(/<svg aria-label="what was found".*<figcaption>The dashed line: the whole\.<\/figcaption>/s)
    expect(page).toContain('<dt><code>epochs</code></dt> <dd>3</dd>')
    expect(page).toContain('2.00 MB')
    expect(page).toContain('<p>arXiv 2602.18249.</p>')
  })

  it('loads nothing, lets nothing in, and is the same bytes again', () => {
    expect(page).toContain('content="default-src &#39;none&#39;;')
    expect(page).not.toContain('<i>')
    expect(renderStudyReport(report)).toBe(page)
  })
})
