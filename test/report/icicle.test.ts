import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import type { ReportNode } from '../../src/report/gather/data.ts'
import { icicle } from '../../src/report/sections/icicle.ts'
import { sampleTree } from './sample.ts'

function draw(root: ReportNode) {
  const { document } = parseHTML(`<!doctype html><html><body>${icicle(root, 'a "tree"')}</body></html>`)
  const boxes = [...document.querySelectorAll('rect')].map(rect => ({
    title: rect.querySelector('title')!.textContent,
    x: Number.parseFloat(rect.getAttribute('x')!),
    y: Number(rect.getAttribute('y')),
    width: Number.parseFloat(rect.getAttribute('width')!),
  }))
  return { svg: document.querySelector('svg')!, boxes }
}

describe('icicle', () => {
  it('draws each node under its parent, as wide as its share, with code and count', () => {
    const { svg, boxes } = draw({
      items: 8,
      children: [{ items: 2 }, { items: 6, children: [{ items: 1 }, { items: 5 }] }],
    })
    expect(boxes).toEqual([
      { title: 'all: 8 items', x: 0, y: 0, width: 100 },
      { title: '0: 2 items', x: 0, y: 24, width: 25 },
      { title: '1: 6 items', x: 25, y: 24, width: 75 },
      { title: '1-0: 1 item', x: 25, y: 48, width: 12.5 },
      { title: '1-1: 5 items', x: 37.5, y: 48, width: 62.5 },
    ])
    expect(svg.getAttribute('aria-label')).toBe('a "tree"')
    expect(svg.getAttribute('height')).toBe('72')
    expect([...svg.querySelectorAll('text')].map(text => text.textContent)).toEqual(['8', '2', '6', '1', '5'])
  })

  it('names the popular items of a branch, on a line of their own', () => {
    const popular = [
      { item: 'a<b', interactions: 1200 },
      { item: '7', interactions: 3 },
    ]
    expect(draw({ items: 2, popular }).boxes[0].title).toBe(
      'all: 2 items\nMost popular: a<b (1,200\u00a0×), 7 (3\u00a0×)',
    )
  })

  it('draws a root that is a leaf, and nothing for no items', () => {
    expect(draw({ items: 3 }).boxes).toEqual([{ title: 'all: 3 items', x: 0, y: 0, width: 100 }])
    expect(draw({ items: 0, children: [] }).boxes).toEqual([])
  })

  it('joins sisters too narrow to see, so that a million items stay below 10,000 rectangles', () => {
    const { boxes } = draw(sampleTree('semantic', 1_000_000, 0.6).root)
    expect(boxes.length).toBeLessThan(10_000)
    expect(boxes.some(box => /^\d+ small branches of \d/.test(box.title!))).toBe(true)
    const level = boxes.filter(box => box.y === 24)
    expect(level.reduce((sum, box) => sum + box.width, 0)).toBeCloseTo(100, 1)
  })

  it('keeps a tree of a hundred levels on a page', () => {
    let root: ReportNode = { items: 1 }
    for (let depth = 0; depth < 100; depth++) root = { items: root.items + 1, children: [root, { items: 1 }] }
    expect(Number(draw(root).svg.getAttribute('height'))).toBeLessThanOrEqual(480)
  })
})
