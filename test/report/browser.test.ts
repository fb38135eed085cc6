import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { faintTexts, launch, noBrowser, watch } from '../support/browser.ts'
import { sharedDirectory } from '../support/directory.ts'
import { latexErrors, noLatex } from '../support/pdflatex.ts'
import { sampleReport } from './sample.ts'

const WIDTHS = [390, 820, 1440]

describe.skipIf(noBrowser)(`a report in a real browser${noBrowser ? ` (skipped: ${noBrowser})` : ''}`, () => {
  const directory = sharedDirectory()
  let browser: Browser
  let url: string

  beforeAll(async () => {
    const path = join(directory, 'report.html')
    await writeFile(path, await renderReport(sampleReport()))
    url = pathToFileURL(path).href
    browser = await launch()
  })

  afterAll(() => browser?.close())

  async function open(options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 900, height: 900 }, ...options })
    const page = await context.newPage()
    const seen = watch(page)
    await page.goto(url)
    return { context, page, seen }
  }

  describe.each(WIDTHS)('%i pixels wide', width => {
    let opened: Awaited<ReturnType<typeof open>>

    beforeAll(async () => {
      opened = await open({ viewport: { width, height: 900 } })
    })

    afterAll(() => opened?.context.close())

    it('shows every table and figure within its width, folded ones too, loads nothing and has no errors', async () => {
      const { page, seen } = opened
      const widthOfAll = () => page.evaluate(() => document.documentElement.scrollWidth)
      expect(await widthOfAll()).toBeLessThanOrEqual(width)
      expect(await page.evaluate(unfold)).toBeGreaterThan(3)
      expect(await page.evaluate(outside, width)).toEqual([])
      expect(await page.evaluate(clipped)).toEqual([])
      expect(await page.evaluate(unseen)).toEqual([])
      expect(await widthOfAll()).toBeLessThanOrEqual(width)
      expect(seen).toEqual({ requests: [url], errors: [] })
    })

    it.each(['light', 'dark'] as const)('has letters that can be read, %s', async colorScheme => {
      const { page } = opened
      await page.emulateMedia({ colorScheme })
      const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      expect(Number(paper.match(/\d+/)) > 128).toBe(colorScheme === 'light')
      expect(await faintTexts(page)).toEqual([])
    })
  })

  it('reaches everything with the keyboard, and shows where it is', async () => {
    const { context, page } = await open()
    const stops = await tabThrough(page)
    for (const stop of ['a.skip', 'nav a', '.scrolling', '.icicle rect', '.copy button', 'summary', 'input', 'select'])
      expect(stops.filter(({ matches }) => matches.includes(stop)).length, stop).toBeGreaterThan(0)
    // a tree of a thousand branches is one stop
    expect(stops.filter(({ matches }) => matches.includes('.icicle rect'))).toHaveLength(2)
    expect(stops.filter(({ matches }) => matches.includes('svg'))).toEqual([])
    expect(stops.filter(({ marked }) => !marked)).toEqual([])
    await context.close()
  })

  it('goes through a tree with the arrow keys and by pointing, naming code, items and popular items', async () => {
    const { context, page } = await open()
    const words = page.locator('.branch').first()
    expect(await words.textContent()).toContain('arrow keys')
    await page.locator('.icicle rect').first().focus()
    const press = async (key: string) => {
      await page.keyboard.press(key)
      return words.locator('strong').textContent()
    }
    expect(await words.textContent()).toBe('all: 8,439 itemsMost popular: 15138 (312\u00a0×), 8 (7\u00a0×)')
    expect(await press('ArrowDown')).toMatch(/^0: [\d,]+ items$/)
    expect(await press('ArrowRight')).toMatch(/^1: /)
    expect(await press('ArrowDown')).toMatch(/^1-0: /)
    expect(await press('ArrowLeft')).toMatch(/^0-3: /)
    expect(await press('ArrowUp')).toMatch(/^0: /)
    expect(await press('End')).toMatch(/^3: /)
    expect(await press('ArrowUp')).toMatch(/^all: /)
    expect(await press('ArrowUp')).toMatch(/^all: /)
    expect(await page.evaluate(() => document.activeElement!.getAttribute('aria-label'))).toMatch(/^all: 8,439 items/)
    await page.locator('.icicle rect').nth(1).hover()
    expect(await words.locator('strong').textContent()).toMatch(/^0: /)
    await context.close()
  })

  it('copies a table as CSV, Markdown and LaTeX with the keyboard, and says so', async () => {
    const { context, page } = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    const copy = async (format: string) => {
      await page.locator('#results .copy').first().getByRole('button', { name: format }).press('Enter')
      await page.locator('#status', { hasText: `Copied as ${format}` }).waitFor({ state: 'attached' })
      return page.evaluate(() => navigator.clipboard.readText())
    }
    const csv = (await copy('CSV')).split('\n')
    expect(csv[0]).toBe('Method,At 10 Recall,At 10 NDCG,At 20 Recall,At 20 NDCG,At 50 Recall,At 50 NDCG,Seconds')
    expect(csv[3]).toBe('ease,0.1179,0.1015,0.1667,0.1126,0.2636,0.1292,88.2')
    expect(csv[4]).toBe('ials,"Not run: it needs 4.6 GB, and 4 GiB is the most there can be",,,,,,')
    const markdown = (await copy('Markdown')).split('\n')
    expect(markdown[1]).toBe('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
    expect(markdown[4]).toContain('| ease | **0.1179** | **0.1015** |')
    const latex = await copy('LaTeX')
    expect(latex).toContain('\\begin{tabular}{lrrrrrrr}\n\\toprule\nMethod & \\multicolumn{2}{c}{At 10} &')
    expect(latex).toContain('ease & \\textbf{0.1179} & \\textbf{0.1015} &')
    expect(latex.match(/\\\\\n/g)).toHaveLength(2 + 9)
    await context.close()
  })

  it.skipIf(noLatex)(`every table compiles as LaTeX${noLatex ? ` (skipped: ${noLatex})` : ''}`, async () => {
    const { context, page } = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    const tables = await page.evaluate(async () => {
      const copied: string[] = []
      navigator.clipboard.writeText = async text => void copied.push(text)
      for (const button of document.querySelectorAll<HTMLElement>('.copy button'))
        if (button.textContent === 'LaTeX') button.click()
      await new Promise(resolve => setTimeout(resolve, 100))
      return copied
    })
    expect(tables.length).toBeGreaterThan(10)
    // what LaTeX has no letters for is the business of those who copy it
    const latin = tables.map(text => text.replace(/[^ -~\n\u00a1-\u017f\u2010-\u2027]/g, '?'))
    expect(latexErrors(latin.join('\\clearpage\n'))).toEqual([])
    await context.close()
  })

  it('copies without the clipboard of secure pages too, and says when a browser allows nothing', async () => {
    const { context, page } = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    await page.evaluate(() => {
      const refuse = () => Promise.reject(new Error('not allowed'))
      navigator.clipboard.writeText = refuse
    })
    const button = page.locator('#stages > .copy button').last()
    await button.press('Enter')
    await page.locator('#status', { hasText: 'Copied as CSV' }).waitFor({ state: 'attached' })
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^Stage,Seconds,Peak memory\ndata,/)
    expect(await page.evaluate(() => document.activeElement!.tagName)).toBe('BUTTON')
    await page.evaluate(() => {
      document.execCommand = () => false
    })
    await button.press('Enter')
    await page.locator('#status', { hasText: 'The browser does not allow copying' }).waitFor({ state: 'attached' })
    await context.close()
  })

  it('inspects users: by id, one after the other, and those that were missed', async () => {
    const { context, page, seen } = await open()
    const words = () => page.locator('.inspected').textContent()
    const rows = () => page.locator('.candidates tbody tr').allInnerTexts()
    expect(await words()).toBe(
      'User 8779: 2 in the history, 3 candidates, 1 judged positive. Of 2 held-out items, 1 are among the candidates and 1 judged positive; not among the candidates: 15142 (in valid). dtl-ns has 1 of the 1 in test among its first 50.',
    )
    expect((await rows()).map(row => row.split('\t').map(cell => cell.trim()))).toEqual([
      ['15139', '0-1-3 as 15138', '1-0-1', 'positive', '0.88', 'in test, rank 3'],
      ['15141', '2-0-1-1', '1-0-3', 'negative', '0.25', ''],
      ['15143', '–', '1-0-5', 'invalid', '0.25', ''],
    ])
    expect(await page.locator('.candidates mark').allInnerTexts()).toEqual(['0-1'])
    expect(await page.locator('.answer pre').textContent()).toBe('[{"candidate": 1, "label": "positive"}]')
    await page.locator('.controls input').fill('9001')
    await page.keyboard.press('Enter')
    expect(await words()).toContain('User 9001: 350 in the history (the first 1 below)')
    expect(await words()).toContain('None is in test, which the list of dtl-ns is for.')
    expect(await page.locator('.answer').isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Next' }).press('Enter')
    expect(await words()).toBe(
      'User n/a: 1 in the history, 1 candidates, 1 judged positive. Nothing of this user was held out.',
    )
    await page.locator('.controls select').selectOption('missed')
    expect(await words()).toContain('User 9001')
    expect(await page.locator('.place').textContent()).toBe('1 of 1')
    await page.locator('.controls input').fill('nobody')
    await page.keyboard.press('Enter')
    expect(await words()).toBe('No user “nobody” among the 1 to choose from.')
    expect(seen.errors).toEqual([])
    await context.close()
  })

  it('prints: nothing cut off, nothing that only works on a screen', async () => {
    const { context, page } = await open({ viewport: { width: 680, height: 900 } })
    await page.emulateMedia({ media: 'print' })
    for (const name of ['nav', '.copy', '.controls', '.branch'])
      expect(await page.locator(name).first().isVisible(), name).toBe(false)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(680)
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000)
    await context.close()
  })

  it('is whole without scripts, but for the inspector, which says so', async () => {
    const { context, page } = await open({ javaScriptEnabled: false })
    expect(await page.locator('.inspector').isVisible()).toBe(false)
    expect(await page.locator('noscript .note').isVisible()).toBe(true)
    expect(await page.locator('.copy, .branch:visible').count()).toBe(0)
    expect(await page.locator('#results table').first().isVisible()).toBe(true)
    await context.close()
  })
})

/** Opens all that is folded away, and says how much that was. */
function unfold(): number {
  const folded = [...document.querySelectorAll('details:not([hidden], [open])')]
  for (const details of folded) details.setAttribute('open', '')
  return folded.length
}

/** Tables, pictures and buttons that take no room. */
function unseen(): string[] {
  return [...document.querySelectorAll('table, figure, figure svg[role], .copy button')]
    .filter(element => {
      const { width, height } = element.getBoundingClientRect()
      return width * height < 100 || !element.checkVisibility()
    })
    .map(element => `${element.tagName} ${element.className}`)
}

/** What stands out to the right of the page, but for what scrolls on its own. */
function outside(width: number): string[] {
  return [...document.querySelectorAll('body *')]
    .filter(element => element.checkVisibility() && !element.closest('.scrolling, .skip, .hidden, svg, pre'))
    .filter(element => element.getBoundingClientRect().right > width + 1)
    .map(element => `${element.tagName} ${element.className}`)
}

/** Tables that are wider than their place, so that their last columns are not seen. */
function clipped(): string[] {
  return [...document.querySelectorAll('.scrolling')]
    .filter(element => element.scrollWidth > element.clientWidth + 1)
    .map(element => `${element.getAttribute('aria-label')}: ${element.scrollWidth} > ${element.clientWidth}`)
}

/** Every stop of the Tab key from the top: what it is, and whether an outline or a stroke marks it. */
async function tabThrough(page: Page): Promise<{ matches: string[]; marked: boolean }[]> {
  const stops: { matches: string[]; marked: boolean }[] = []
  for (let presses = 0; presses < 300; presses++) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(() => {
      const at = document.activeElement!
      if (at === document.body) return
      const kinds = [
        'a.skip',
        'nav a',
        '.scrolling',
        '.icicle rect',
        'svg',
        '.copy button',
        'summary',
        'input',
        'select',
      ]
      const { outlineStyle, strokeWidth } = getComputedStyle(at)
      const marked = outlineStyle !== 'none' || (at.tagName === 'rect' && strokeWidth === '2px')
      return { matches: kinds.filter(kind => at.matches(kind)), marked }
    })
    if (!stop) break
    stops.push(stop)
  }
  return stops
}
