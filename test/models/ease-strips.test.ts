import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { ease } from '../../src/models/baselines/ease.ts'
import { fitEaseInSteps } from '../../src/models/baselines/ease-strips.ts'
import { fitInSteps } from '../../src/models/baselines/fit-in-steps.ts'
import type { BaselineDefinition, FitContext, LongFit } from '../../src/models/model.ts'
import type { Recommender } from '../../src/models/recommender.ts'
import { tieRanks } from '../../src/models/ties.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { unseenBy } from '../support/requests.ts'
import { randomDataset } from '../support/toy.ts'

const ITEMS = 301
/** So dense that no item is eliminated by itself. */
const train = randomDataset(70, ITEMS, 0.2)
const OPTIONS = { regularization: 20, decay: 1, halfLife: 0 }
const context = (): FitContext => ({ train, kernels: createKernels(), seed: 1 })
const inSteps = (own = context()) => fitEaseInSteps(own, OPTIONS, 256)

/** A baseline that takes every catalogue for a large one. */
const stepwise: BaselineDefinition = { ...ease, longFit: own => inSteps(own) }

const lists = (recommender: Recommender, users?: Int32Array) =>
  recommender.recommend({ ...unseenBy(train, users), k: 20, tieRank: tieRanks(ITEMS, 1) })

function finish(fit: LongFit): Recommender {
  while (fit.done < fit.steps) fit.step()
  return fit.recommender()
}

const expected = lists(ease.fit(context(), OPTIONS))

describe('EASE in strips', () => {
  it('has the lists and scores of the matrix in one piece, to the bit', () => {
    expect(lists(finish(inSteps()))).toEqual(expected)
  })

  it('has those of one user alone', () => {
    const { items, scores } = lists(finish(inSteps()), Int32Array.of(7))
    expect([items, scores]).toEqual([expected.items.slice(140, 160), expected.scores.slice(140, 160)])
  })

  it('says before it begins what it takes', () => {
    expect(fitEaseInSteps({ ...context(), train: { ...train, items: 40_981 } }, OPTIONS).forecast).toBe(
      "EASE inverts a matrix of 40,981 × 40,981: about 28 min 41 s on 1 thread of a quiet machine, and up to 7.3 GB of memory beside the program's.",
    )
  })

  it('takes catalogues beyond 20,000 items in steps, others in one', () => {
    const large = { ...train, items: 20_001 }
    expect(ease.longFit?.({ ...context(), train: large }, { maxItems: 60_000 })?.steps).toBe(20 + 20 ** 2 + 1)
    expect(ease.longFit?.({ ...context(), train: { ...train, items: 20_000 } }, {})).toBeUndefined()
    const sizes = { users: 10, items: 60_000, interactions: 10 }
    expect(ease.footprint?.(sizes, { maxItems: 60_000 })).toBeLessThan(2 ** 30)
    expect(ease.heapFootprint?.(sizes, { maxItems: 60_000 })).toBe(14.4e9)
  })
})

describe('a fit that is stopped', () => {
  /** Stops the fit when `steps` of it are done. */
  async function stopped(steps: number, key = 'a') {
    const path = join(await temporaryDirectory(), 'scratch', 'fit')
    const stop = new AbortController()
    const watch = { signal: stop.signal, checkpoint: { path, key } }
    const progress = (done: number) => done === steps && stop.abort(new Error('Ctrl-C'))
    await expect(fitInSteps(stepwise, context(), OPTIONS, { ...watch, progress })).rejects.toThrow('Ctrl-C')
    return path
  }

  async function resumed(path: string, key = 'a') {
    const said: string[] = []
    const progress: number[] = []
    const recommender = await fitInSteps(stepwise, context(), OPTIONS, {
      ...{ checkpoint: { path, key }, say: (text: string) => said.push(text) },
      progress: done => progress.push(done),
    })
    return { lists: lists(recommender), said: said.slice(1), first: progress[0] }
  }

  it.each([3, 4, 5])('after %i of 7 steps: goes on there, with the same lists, and leaves nothing', async steps => {
    const path = await stopped(steps)
    expect(await resumed(path)).toEqual({
      ...{ lists: expected, first: steps + 1 },
      said: [`Resuming after ${steps} of 7 steps.`],
    })
    expect(existsSync(path)).toBe(false)
  })

  it('starts again where nothing was inverted yet, and for other data or options', async () => {
    expect(await resumed(await stopped(2))).toEqual({ lists: expected, said: [], first: 1 })
    expect(await resumed(await stopped(4, 'b'))).toEqual({ lists: expected, said: [], first: 1 })
  })

  it.each(['a byte', 'the end'])('says that %s of what was kept is wrong, and starts again', async what => {
    const path = await stopped(4)
    const content = await readFile(path)
    content[content.length - 30] ^= 1
    await writeFile(path, what === 'a byte' ? content : content.subarray(0, -9))
    expect(await resumed(path)).toEqual({
      ...{ lists: expected, first: 1 },
      said: [`${path} is damaged and is not used: the fit starts again.`],
    })
  })
})
