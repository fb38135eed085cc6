/** Runs that take a second, and what of them was made. */
import type { RunEvent } from '../../src/run/stage.ts'

/** Options for `writeSmallData`. */
export const SMALL_RUN = {
  model: 'mf',
  dimensions: 8,
  epochs: 3,
  validateEvery: 1,
  batchSize: 256,
  leafSize: 8,
  baselines: ['popularity'],
  historyAtTest: 'train',
  threads: 1,
}

/** Collects the titles of stages, what they say, and the names of those that were made and reused. */
export function watchStages() {
  const [titles, made, reused, messages]: [string[], string[], string[], string[]] = [[], [], [], []]
  const emit = (event: RunEvent) => {
    if (event.type === 'stage-start') titles.push(event.title)
    if (event.type === 'message') messages.push(event.text)
    if (event.type === 'stage-end') (event.reused ? reused : made).push(event.stage)
  }
  return { emit, titles, made, reused, messages }
}
