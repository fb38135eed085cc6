/**
 * A tree as an icicle: one row a level, the root on top, and each rectangle as wide as its share of the items. Widths
 * are percentages and heights pixels, so that it fits any screen while its letters stay as they are.
 */
import { formatCount } from '../../numbers.ts'
import type { PopularItem, ReportNode } from '../gather/data.ts'
import { type Content, type Html, html } from '../page/html.ts'
import { COLOURS } from '../page/plot.ts'

/** pixels */
const ROW = 24
const MOST_HEIGHT = 480

/** Narrower siblings are drawn as one: a picture has no room for more, nor has a file for a million items. */
const LEAST_SHARE = 1 / 2000

/** A rectangle with a share like this has room for its count: on a wide screen, and on any. */
const LABEL_SHARE = 0.05
const NARROW_LABEL_SHARE = 0.14

/** Below this, gaps between rectangles would be all that is seen. */
const GAP_SHARE = 0.004

interface Box {
  readonly depth: number
  /** where it begins, as a share of all items */
  readonly start: number
  readonly items: number
  /** "2-0-3", or how many small branches it stands for */
  readonly name: string
  readonly popular?: readonly PopularItem[] | undefined
  /** child of the root that it is under */
  readonly top: number | undefined
}

/** @param label for those who cannot see it */
export function icicle(root: ReportNode, label: string): Html {
  const boxes = layOut(root)
  const levels = boxes.reduce((deepest, box) => Math.max(deepest, box.depth), 0) + 1
  const row = Math.max(4, Math.min(ROW, Math.floor(MOST_HEIGHT / levels)))
  const drawn = new Array<number>(levels).fill(0)
  const shapes = boxes.map(box => shapeOf(box, root.items, row, drawn[box.depth]++ % 2 === 1))
  return html`<svg class="icicle" role="img" aria-label="${label}" width="100%" height="${levels * row}">\n${shapes}</svg>`
}

/** Depth first, a parent before its children. */
function layOut(root: ReportNode): Box[] {
  const boxes: Box[] = []
  const least = root.items * LEAST_SHARE
  const add = (node: ReportNode, code: readonly number[], start: number) => {
    const { items, popular } = node
    boxes.push({ depth: code.length, start, items, popular, name: code.join('-') || 'all', top: code[0] })
    const children = (node.children ?? []).map((child, index) => ({ child, code: [...code, index] }))
    let next = start
    for (const { child, code } of children.filter(({ child }) => child.items >= least)) {
      add(child, code, next)
      next += child.items
    }
    const small = children.map(({ child }) => child).filter(child => child.items < least)
    const joined = small.reduce((sum, child) => sum + child.items, 0)
    const name = `${formatCount(small.length)} small branches of ${code.join('-') || 'the root'}`
    if (joined > 0) boxes.push({ depth: code.length + 1, start: next, items: joined, name, top: code[0] })
  }
  if (root.items > 0) add(root, [], 0)
  return boxes
}

function shapeOf(box: Box, all: number, row: number, odd: boolean): Html {
  const { depth, start, items, top } = box
  const share = items / all
  const classes = [top === undefined ? 'root' : `b${(top % COLOURS) + 1}`, odd && 'odd', share < GAP_SHARE && 'tight']
  return html`<rect class="${classes.filter(Boolean).join(' ')}" x="${percentage(start / all)}" y="${depth * row}" width="${percentage(share)}" height="${row - 1}"><title>${titleOf(box)}</title></rect>${labelOf(share, start / all + share / 2, depth * row + row / 2, row, items)}\n`
}

/** What is shown of a rectangle on hover and on focus, and read aloud; a line for each thing. */
function titleOf({ name, items, popular = [] }: Box): string {
  const size = `${name}: ${formatCount(items)} ${items === 1 ? 'item' : 'items'}`
  if (popular.length === 0) return size
  return `${size}\nMost popular: ${popular.map(({ item, interactions }) => `${item} (${formatCount(interactions)}\u00a0×)`).join(', ')}`
}

function labelOf(share: number, x: number, y: number, row: number, items: number): Content {
  if (share < LABEL_SHARE || row < 16) return undefined
  return html`<text${share < NARROW_LABEL_SHARE && html` class="roomy"`} x="${percentage(x)}" y="${y}">${formatCount(items)}</text>`
}

/** 12.34%: a hundredth of a percent is a tenth of a pixel */
function percentage(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`
}
