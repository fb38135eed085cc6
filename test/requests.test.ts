/** Requests to the library from JavaScript, where no compiler has checked them: an error of one line, and no field that does nothing. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import {
  compareRuns,
  exportModel,
  fit as fitPairs,
  loadSplit,
  openModel,
  openServing,
  run,
  runStudy,
  sweep,
  UsageError,
} from '../src/index.ts'
import { writeSmallData } from './support/cli.ts'
import { sharedDirectory } from './support/directory.ts'

const directory = sharedDirectory()
const source = writeSmallData(directory)
const pairs = Array.from({ length: 60 }, (_, row) => [`u${row % 12}`, (5 * row) % 11] as const)
const place = { source, directory: join(directory, 'never') }

/** As JavaScript calls a function. */
const untyped = (work: unknown) => work as (...given: unknown[]) => Promise<unknown>

it.each<[string, () => Promise<unknown>, string]>([
  [
    'no source',
    () => untyped(fitPairs)(),
    'fit: source: expected a path, or pairs of a user and an item, got undefined',
  ],
  ['what can be read later alone', () => untyped(fitPairs)((async function* () {})()), 'fit: source: expected a path, or pairs'], // biome-ignore format: one line
  ['a slip of the keys', () => untyped(fitPairs)(pairs, { modell: 'ease' }), 'fit: unknown field "modell"; known are model, sampler, objective, training, data, signal, seed, threads; did you mean "model"?'], // biome-ignore format: one line
  ['a name in place of options', () => untyped(fitPairs)(pairs, 'ease'), 'fit: expected a value of type object, got "ease"'], // biome-ignore format: one line
  ['a sampler without training', () => fitPairs(pairs, { model: 'ease', sampler: 'dns' }), 'fit: "sampler" is of models that are trained, and ease is a baseline; leave it out'], // biome-ignore format: one line
  ['how pairs are read', () => fitPairs(pairs, { data: { user: 'u' } }), 'fit: "data" says how a file is read, and pairs were given; leave it out'], // biome-ignore format: one line
  ['half a seed', () => fitPairs(pairs, { seed: 1.5 }), 'fit: seed: expected an integer, got 1.5'],
  ['threads below zero', () => fitPairs(pairs, { threads: -1 }), 'fit: threads: expected at least 0, got -1'],
  ['a part by its name in an object', () => untyped(fitPairs)(pairs, { model: { name: 'ease', options: {} } }), 'expected the name of a part, a part, or { part, options }, got {"name":"ease","options":{}}'], // biome-ignore format: one line
  ['a third value of a pair', () => untyped(fitPairs)([...pairs, ['u1', 1, 5]]), 'pair 60: expected a user and an item, each a string or an integer, such as ["u1", 7], got ["u1",1,5]'], // biome-ignore format: one line
  ['an empty id', () => fitPairs([...pairs, ['', 1]]), 'pair 60: expected a user and an item'],
  ['big integers', () => untyped(fitPairs)([[1n, 2n]]), 'got ["1n","2n"]'],
  ['nothing', () => untyped(run)(), 'run: must be given'],
  ['no directory', () => untyped(run)({ source }), 'run: directory: must be given'],
  ['an option beside the options', () => untyped(run)({ ...place, seed: 3 }), 'run: "seed" is an option: give it in "options"'], // biome-ignore format: one line
  ['a target that there is not', () => untyped(run)({ ...place, until: 'trained' }), 'run: until: expected one of data, baselines, train, base, '], // biome-ignore format: one line
  ['an unknown field', () => untyped(run)({ ...place, dir: 'x' }), 'run: unknown field "dir"; known are directory, source, '], // biome-ignore format: one line
  ['pairs in place of a path', () => untyped(run)({ ...place, source: [[1, 2]] }), 'run: source: expected a value of type string, got [[1,2]]'], // biome-ignore format: one line
  ['an option as its flag', () => untyped(run)({ ...place, options: { 'learning-rate': 0.1 } }), 'unknown option "learning-rate": in a program it is "learningRate"'], // biome-ignore format: one line
  ['no path', () => untyped(openModel)(), 'openModel: path: must be given'],
  ['no run', () => untyped(openServing)(), 'openServing: path: must be given'],
  ['no data', () => untyped(loadSplit)(), 'loadSplit: path: must be given'],
  ['no runs', () => compareRuns([]), 'compareRuns: directories: expected at least 1, got []'],
  ['no model', () => untyped(exportModel)({}), 'exportModel: path: must be given'],
  ['no study', () => untyped(runStudy)({ source, directory: 'x' }), 'runStudy: study: must be given'],
  ['a sweep without data', () => untyped(sweep)({ space: {} }), 'sweep: source: must be given'],
])('%s', async (_, call, message) => {
  const error: Error = await call().then(
    () => new Error('no error'),
    reason => reason,
  )
  expect(error.message).toContain(message)
  expect(error).toBeInstanceOf(message.startsWith('pair') || message.startsWith('got') ? Error : UsageError)
})

it('many requests that are one', async () => {
  const model = await fitPairs(pairs)
  expect(() => (model.recommendMany as (given: unknown) => unknown)({ user: 'u1' })).toThrow(
    'expected a value of type array, got {"user":"u1"}',
  )
  model.close()
})
