/// <reference lib="dom" />
/** A real browser for tests, where the machine has one: Debian's chromium, driven by playwright-core. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const path = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

/** Why tests that need a browser are skipped; undefined where there is one. */
export const noBrowser = path === undefined ? 'no chromium here: apt-get install chromium' : undefined

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: path!, args: ['--no-sandbox'] })
}

/** What a page did that it should not have done. */
export function watch(page: Page): { requests: string[]; errors: string[] } {
  const seen = { requests: [] as string[], errors: [] as string[] }
  page.on('request', request => seen.requests.push(request.url()))
  page.on('pageerror', error => seen.errors.push(error.message))
  page.on('console', message => message.type() === 'error' && seen.errors.push(message.text()))
  return seen
}

export interface Faint {
  readonly text: string
  readonly ratio: number
}

/**
 * Texts on the page whose contrast with what is behind them is below WCAG 2.2 AA (4.5, or 3 for large letters). What is
 * behind: the nearest opaque background, or, for letters in a picture, the rectangle under them.
 */
export function faintTexts(page: Page): Promise<Faint[]> {
  return page.evaluate(() => {
    type Colour = [number, number, number, number]
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!
    const colour = (css: string): Colour => {
      canvas.clearRect(0, 0, 1, 1)
      canvas.fillStyle = css
      canvas.fillRect(0, 0, 1, 1)
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data
      return [r, g, b, a / 255]
    }
    const over = (top: Colour, alpha: number, under: Colour): Colour => {
      const blend = (i: number) => top[i] * alpha + under[i] * (1 - alpha)
      return [blend(0), blend(1), blend(2), 1]
    }
    const behind = (element: Element | null): Colour => {
      if (!element) return [255, 255, 255, 1]
      const own = colour(getComputedStyle(element).backgroundColor)
      return own[3] === 1 ? own : over(own, own[3], behind(element.parentElement))
    }
    const luminance = (c: Colour) => {
      const [r, g, b] = c.slice(0, 3).map(v => (v / 255 <= 0.04045 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const ratioOf = (a: Colour, b: Colour) => {
      const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x)
      return (light + 0.05) / (dark + 0.05)
    }
    const own = (element: Element) =>
      [...element.childNodes].some(n => n.nodeType === 3 && n.textContent!.trim() !== '')
    const found: { text: string; ratio: number }[] = []
    for (const element of document.querySelectorAll('body *')) {
      if (!own(element) || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
      if (element.closest('script, noscript, datalist, .hidden, .skip, :disabled')) continue
      const style = getComputedStyle(element)
      const picture = element.closest('svg')
      let ground = behind(picture ?? element)
      if (picture?.classList.contains('icicle')) {
        const { x, y, width, height } = element.getBoundingClientRect()
        const rects = [...picture.querySelectorAll('rect')]
        const under = rects.find(rect => {
          const box = rect.getBoundingClientRect()
          const [cx, cy] = [x + width / 2, y + height / 2]
          return box.left <= cx && cx <= box.right && box.top <= cy && cy <= box.bottom
        })
        const fill = under && getComputedStyle(under)
        if (fill) ground = over(colour(fill.fill), Number(fill.fillOpacity), ground)
      }
      const ink = colour(picture ? style.fill : style.color)
      const ratio = ratioOf(over(ink, ink[3], ground), ground)
      const size = Number.parseFloat(style.fontSize)
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
      if (ratio < (large ? 3 : 4.5)) found.push({ text: element.textContent!.trim().slice(0, 40), ratio })
    }
    return found
  })
}
