import { parseHTML } from 'linkedom'
import { expect, it } from 'vitest'
import { sweepFigure } from '../../../src/research/sweeps/figure.ts'

const points = [
  { seconds: 10, value: 0.2, rung: 0 },
  { seconds: 30, value: 0.1, rung: 0 },
  { seconds: 20, value: -1, rung: 0, failed: 'the loss is not a finite number' },
  { seconds: 60, value: 0.3, rung: 1 },
]

it('draws a ring a training, larger for longer ones, and the best so far', async () => {
  const text = await sweepFigure(points, 'ndcg@20')
  const { document } = parseHTML(text)
  const radii = [...document.querySelectorAll('circle')].map(circle => Number(circle.getAttribute('r')))
  expect(radii).toEqual([3, 3, 4])
  // by the time spent until then: 10, 40 and 120 seconds of 120
  const [first, second, last] = [...document.querySelectorAll('circle')].map(circle =>
    Number(circle.getAttribute('cx')),
  )
  expect((second - first) / (last - first)).toBeCloseTo(30 / 110, 3)
  expect(document.querySelectorAll('[aria-label="line"] path')).toHaveLength(1)
  expect(text).toContain('validation ndcg@20')
  expect(text).toContain('seconds of training')
  expect(await sweepFigure([{ seconds: 900, value: 0.1, rung: 0 }], 'ndcg@20')).toContain('minutes of training')
})

it('is a file of its own: an SVG with name space and style, and no attribute twice', async () => {
  const text = await sweepFigure(points, 'ndcg@20')
  expect(text).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*><style>/)
  const [root] = /^<svg[^>]*>/.exec(text)!
  const names = [...root.matchAll(/ ([\w-]+)="/g)].map(([, name]) => name)
  expect(new Set(names).size).toBe(names.length)
})
