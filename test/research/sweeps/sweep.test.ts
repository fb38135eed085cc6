import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { plantedData } from '../../../src/dataset/planted.ts'
import { RunError } from '../../../src/errors.ts'
import { writeAtomic } from '../../../src/files.ts'
import { compareTunedMethods } from '../../../src/research/sweeps/compare-methods.ts'
import { type SweepRequest, sweep } from '../../../src/research/sweeps/sweep.ts'
import type { RunEvent } from '../../../src/run/stage.ts'
import { sharedDirectory } from '../../support/directory.ts'

const directory = sharedDirectory()
let places = 0
const place = () => join(directory, `search-${++places}`)

async function smallSource(): Promise<string> {
  const source = join(directory, 'source')
  const data = plantedData({ users: 40, items: 50, levels: 2, likesPerUser: 12 })
  for (const part of ['train', 'valid', 'test'] as const) {
    const { users, items } = data[part]
    await writeAtomic(join(source, `${part}.txt`), users.map((user, row) => `${user} ${items[row]}\n`).join(''))
  }
  return source
}

const given = { dimensions: 4, epochs: 4, batchSize: 64, validateEvery: 1, threads: 1 }
const request = async (own: Partial<SweepRequest> = {}): Promise<SweepRequest> => ({
  source: await smallSource(),
  directory: place(),
  method: 'mf:bpr:uniform',
  space: { learningRate: { log: [0.001, 0.1] } },
  given,
  options: { trials: 4, rungs: 2, reduction: 2, metric: 'ndcg@5' },
  ...own,
})
const endedOf = (events: RunEvent[]) => events.filter(event => event.type === 'stage-end')

describe('a sweep', () => {
  it('trains every trial a little and the best of them whole, and says which values were best', async () => {
    const asked = await request()
    const { trainings, best, ended } = await sweep(asked)
    expect(ended).toBe('all trials done')
    expect(trainings.filter(({ rung }) => rung === 0).map(({ options }) => options.epochs)).toEqual([2, 2, 2, 2])
    const whole = trainings.filter(({ rung }) => rung === 1)
    expect(whole.length).toBeGreaterThanOrEqual(2)
    expect(best.value).toBe(Math.max(...whole.map(({ value }) => value)))
    expect(best.options).toMatchObject({ ...given, model: 'mf', evaluateOn: 'valid' })
    expect(best.metrics['ndcg@5']).toBe(best.value)
    const kept = JSON.parse(readFileSync(join(asked.directory, 'sweep.json'), 'utf8'))
    expect(kept.best.value).toBe(best.value)
  })

  it('goes on where it was stopped, and makes no training twice', async () => {
    const asked = await request()
    const stop = new AbortController()
    let seen = 0
    const stopping = sweep({
      ...asked,
      signal: stop.signal,
      emit: event => {
        if (event.type === 'stage-end' && ++seen === 2) stop.abort()
      },
    })
    await expect(stopping).rejects.toThrow(/abort/i)
    const events: RunEvent[] = []
    const resumed = await sweep({ ...asked, emit: event => events.push(event) })
    expect(endedOf(events).map(event => event.type === 'stage-end' && event.reused).slice(0, 3)).toEqual([true, true, false]) // biome-ignore format: one line
    const values = ({ trainings }: typeof resumed) => trainings.map(({ trial, rung, value }) => [trial, rung, value])
    expect(values(resumed)).toEqual(values(await sweep({ ...asked, directory: place() })))
    expect(readdirSync(join(asked.directory, 'trials'))).toHaveLength(resumed.trainings.length)
  })

  it('ends when the budget is spent, and says so', async () => {
    const { trainings, ended } = await sweep(await request({ options: { trials: 50, budget: '0.01s', rungs: 1 } }))
    expect(ended).toBe('budget reached')
    expect(trainings).toHaveLength(1)
  })

  it('an option of a part that a trial did not draw is left out of it', async () => {
    const method = 'mf'
    const space = { baseSampler: ['uniform', 'dns'], candidateNegatives: [4, 8] }
    const { trainings } = await sweep(await request({ method, space, options: { trials: 6, rungs: 1 } }))
    for (const { options } of trainings) expect('candidateNegatives' in options).toBe(options.baseSampler === 'dns')
    expect(new Set(trainings.map(({ options }) => options.baseSampler)).size).toBe(2)
  })

  it('a baseline is fitted once a trial', async () => {
    const method = 'ease'
    const space = { easeRegularization: { log: [1, 100] as [number, number] } }
    const { trainings } = await sweep(await request({ method, space, given: {} }))
    expect(trainings.map(({ trial, rung }) => [trial, rung])).toEqual([[0, 0], [1, 0], [2, 0], [3, 0]]) // biome-ignore format: one line
    expect(new Set(trainings.map(({ value }) => value)).size).toBeGreaterThan(1)
  })

  it('a setting that cannot be trained does not end the search; none that can does', async () => {
    const space = { learningRate: [0.01, 10], regularization: [0, 10] }
    const failing = { ...given, batchSize: 4, epochs: 60, validateEvery: 60 }
    const some = await sweep(await request({ space, given: failing, options: { trials: 8, rungs: 1 } }))
    expect(some.best.failed).toBeUndefined()
    const method = 'ease'
    const none = sweep(await request({ method, space: {}, given: { easeMaxItems: 3 }, options: { trials: 1 } }))
    await expect(none).rejects.toThrow(RunError)
    await expect(none).rejects.toThrow(/^no trial of "ease" could be trained; the first: baseline "ease" inverts/)
  })

  it.each([
    [{ method: 'eas' }, /^unknown method "eas": .*; did you mean "ease"\?$/],
    [{ space: { learningrate: [1] } }, /^unknown option --learningrate; did you mean --learning-rate\?$/],
    [{ space: { learningRate: [99] } }, /^training: --learning-rate: .*got 99/],
    [{ space: { epochs: [3] } }, /^a search space cannot hold "epochs"/],
    [{ options: { metric: 'ndgc@5' } }, /^metric "ndgc@5" is not measured: there are .*ndcg@5/],
    [{ options: { trials: 0 } }, /^sweep: --trials: .*got 0/],
  ])('refuses %j', async (own, message) => {
    await expect(sweep(await request(own as Partial<SweepRequest>))).rejects.toThrow(message)
  })
})

describe('methods under equal budgets', () => {
  it('each is searched alike, then run over seeds on test, and compared with the best', async () => {
    const source = await smallSource()
    const result = await compareTunedMethods({
      source,
      directory: place(),
      methods: ['item-knn', 'mf:bpr:uniform', 'popularity'],
      given,
      options: { trials: 3, rungs: 1 },
      seeds: 2,
    })
    expect(result.methods.map(({ name, trainings, result }) => [name, trainings, result.seeds])).toEqual([
      ['item-knn', 3, [1]],
      ['mf:bpr:uniform', 3, [1, 2]],
      ['popularity', 3, [1]],
    ])
    for (const { found, result: row } of result.methods) {
      expect(Object.keys(found)).not.toContain('evaluateOn')
      expect(row.metrics).toHaveProperty('ndcg@20')
    }
    expect(result.comparison).toMatchObject({ evaluatedOn: 'test' })
    expect(new Set(result.comparison!.comparisons.map(({ method }) => method)).size).toBe(1)
  })

  it('a method that is named twice is refused', async () => {
    const twice = { source: await smallSource(), directory: place(), methods: ['ease', 'ease'], seeds: 1 }
    await expect(compareTunedMethods(twice)).rejects.toThrow('method "ease" is named twice: once is enough')
  })
})
