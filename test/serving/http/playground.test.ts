import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveOptions } from '../../../src/serving/http/options.ts'
import { type RunningServer, startServer } from '../../../src/serving/http/serve.ts'
import { faintTexts, launch, noBrowser, watch } from '../../support/browser.ts'
import { fakeModel } from '../../support/fake-model.ts'

const KEY = 'a-key-that-nobody-guesses'

/** Where pictures are kept for somebody to look at. */
const pictures = process.env.DUALTREE_PICTURES

describe.skipIf(noBrowser)(`the playground in a real browser${noBrowser ? ` (skipped: ${noBrowser})` : ''}`, () => {
  let browser: Browser
  let open: RunningServer
  let locked: RunningServer

  beforeAll(async () => {
    const start = (environmentKeys?: string) =>
      startServer({
        ...{ path: 'nowhere', open: async () => fakeModel(), environmentKeys, write: () => {} },
        options: serveOptions.parse({ port: 0, rate: 0, drainSeconds: 1 }),
      })
    ;[open, locked, browser] = await Promise.all([start(), start(KEY), launch()])
  })

  afterAll(() => Promise.all([browser?.close(), open?.close(), locked?.close()]))

  async function visit(server: RunningServer, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
    const page = await context.newPage()
    const seen = watch(page)
    await page.goto(server.url)
    return { context, page, seen }
  }

  it.each([1440, 820, 390])(
    '%i pixels wide: from a search to a basket, recommendations and an item in both trees',
    async width => {
      const { context, page, seen } = await visit(open, { viewport: { width, height: 900 } })
      await page.getByText('fake@1, fitted on all data: 1 user, 50 items').waitFor()
      await page.locator('#recommended li').nth(11).waitFor()
      expect(await page.locator('#by').textContent()).toContain('these are the popular items')
      await page.getByLabel('Search by title or id').fill('yoga')
      await page.locator('#found li', { hasText: 'Yoga mat 3' }).first().waitFor()
      await page.getByRole('button', { name: 'Add Yoga mat 3 to the basket', exact: true }).first().click()
      await page.locator('#basket li', { hasText: 'Yoga mat 3' }).waitFor()
      await page.getByText('From the items of the basket.').waitFor()
      await page.locator('#recommended .because', { hasText: 'because of Yoga mat 3 (50 %)' }).first().waitFor()
      expect(await page.locator('#recommended').textContent()).not.toContain('Yoga mat 3 3')
      await page.locator('#recommended .name', { hasText: 'Water bottle 7' }).click()
      await page.locator('#item-title', { hasText: 'Water bottle 7' }).waitFor()
      expect(await page.locator('#item-body').textContent()).toContain('Trail running shoe 10')
      const trees = await page.locator('.tree').allTextContents()
      expect(trees.map(text => text.replaceAll(/\s+/g, ' '))).toEqual([
        expect.stringMatching(/Structural 0-3-1.*Nearest in the basket: Yoga mat 3, with 2 of 3 steps in common\.$/),
        expect.stringMatching(/Semantic 3-3-1.*Nearest in the basket: Yoga mat 3, with 3 of 3 steps in common\.$/),
      ])
      expect(await page.locator('.box.taken').count()).toBe(6)

      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('button, input')]
          .filter(element => element.checkVisibility() && element.getBoundingClientRect().height < 24)
          .map(element => element.outerHTML),
      )
      expect(small).toEqual([])
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await faintTexts(page), colorScheme).toEqual([])
        if (!pictures) continue
        mkdirSync(pictures, { recursive: true })
        await page.screenshot({ path: join(pictures, `playground-${width}-${colorScheme}.png`), fullPage: true })
      }
      expect(seen.errors).toEqual([])
      expect(seen.requests.filter(url => !url.startsWith(open.url) && !url.startsWith('data:'))).toEqual([])
      await context.close()
    },
  )

  it('recommends to a user, says what is wrong, and takes items out of the basket again', async () => {
    const { context, page } = await visit(open)
    await page.getByLabel('User id').fill('7')
    await page.getByText('For this user, from what the model and the event log know.').waitFor()
    await page.locator('#found .add').first().click()
    await page.getByText('For this user, from the items of the basket instead of what is known.').waitFor()
    await page.locator('#basket button').first().click()
    await page.getByLabel('User id').fill('nobody')
    await page.getByText('Nothing is known of this user: these are the popular items.').waitFor()
    await page.getByLabel('Filter').fill('colour = "red"')
    await page.getByRole('status').filter({ hasText: 'filter: unknown attribute "colour"' }).waitFor()
    await page.getByLabel('Filter').fill('')
    await page.locator('#status:empty').waitFor({ state: 'attached' })
    await page.locator('#found .add').first().click()
    await page.locator('#basket button').first().click()
    await page.getByText('Empty. Add items').waitFor()
    await page.getByLabel('Search by title or id').fill('no such thing')
    await page.getByText('No item has these words.').waitFor()
    await context.close()
  })

  it('asks for a key where the server does, and again when it is wrong', async () => {
    const { context, page } = await visit(locked)
    const key = page.getByLabel('This server asks for a key')
    await key.fill('wrong')
    await page.getByRole('button', { name: 'Use it' }).click()
    await key.fill(KEY)
    await page.keyboard.press('Enter')
    await page.locator('#found li').nth(5).waitFor()
    expect(await key.isVisible()).toBe(false)
    await context.close()
  })
})
