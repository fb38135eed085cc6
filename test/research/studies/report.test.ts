import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { drawStudyFigure } from '../../../src/research/studies/figure.ts'
import { renderStudyReport } from '../../../src/research/studies/report.ts'
import { faintTexts, launch, noBrowser, watch } from '../../support/browser.ts'
import { temporaryDirectory } from '../../support/directory.ts'

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
    expect(page).toContain('<td class="numeric" data-label="NDCG@20">0.1000 ± 0.0010</td>')
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

  it.skipIf(noBrowser)(
    `fits a telephone in a real browser, light and dark, to be copied${noBrowser ? ` (skipped: ${noBrowser})` : ''}`,
    async () => {
      const path = join(await temporaryDirectory(), 'report.html')
      await writeFile(path, page)
      const browser = await launch()
      try {
        const opened = await browser.newPage({ viewport: { width: 380, height: 800 } })
        const seen = watch(opened)
        await opened.goto(pathToFileURL(path).href)
        expect(await opened.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(380)
        for (const colorScheme of ['light', 'dark'] as const) {
          await opened.emulateMedia({ colorScheme })
          expect(await faintTexts(opened)).toEqual([])
        }
        expect(await opened.locator('#results .copy button').allTextContents()).toEqual(['LaTeX', 'Markdown', 'CSV'])
        expect(seen.errors).toEqual([])
      } finally {
        await browser.close()
      }
    },
  )
})
