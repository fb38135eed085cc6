import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createView } from '../../src/cli/shared/progress.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }))
afterEach(() => void vi.useRealTimers())

function log() {
  const lines: string[] = []
  const stream = { isTTY: false, write: (text: string) => lines.push(...text.trimEnd().split('\n')) }
  return { lines, view: createView(stream as unknown as NodeJS.WriteStream, false) }
}

it('a log has a line at least every 30 s, also of a stage that says nothing, and none of more than 100 columns', () => {
  const { lines, view } = log()
  view.emit({ type: 'stage-start', stage: 'trees', title: 'Building' })
  vi.advanceTimersByTime(95_000)
  expect(lines).toEqual([
    'Building …',
    '  trees: 25.0 s so far',
    '  trees: 50.0 s so far',
    '  trees: 1 min 15 s so far',
  ])
  view.emit({ type: 'progress', stage: 'trees', done: 1, total: 2 })
  expect(lines[4]).toContain('50 %')
  view.emit({ type: 'message', stage: 'trees', text: 'word '.repeat(60) })
  view.emit({ type: 'stage-end', stage: 'trees', seconds: 96, peakBytes: 1e8, reused: false })
  const { length } = lines
  vi.advanceTimersByTime(200_000)
  expect(lines.length).toBe(length)
  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(100)
})

it('progress is said every 15 s at most', () => {
  const { lines, view } = log()
  view.emit({ type: 'stage-start', stage: 'train', title: 'Training' })
  for (let step = 1; step <= 100; step++) {
    vi.advanceTimersByTime(1000)
    view.emit({ type: 'progress', stage: 'train', done: step, total: 100 })
  }
  expect(lines.length).toBe(1 + Math.floor(100 / 16))
})
