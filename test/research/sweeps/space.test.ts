import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors.ts'
import { parseBudget, sweepOptions } from '../../../src/research/sweeps/options.ts'
import { drawValues, parseSpace, type Space } from '../../../src/research/sweeps/space.ts'

const space: Space = {
  dimensions: [32, 64, 128],
  itemGraphWeight: { uniform: [0.5, 2] },
  learningRate: { log: [0.0001, 0.1] },
  layers: { int: [1, 3] },
}
const drawn = Array.from({ length: 600 }, (_, trial) => drawValues(space, 7, trial))

describe('values of a trial', () => {
  it('stay within their bounds, and reach all of them', () => {
    const of = (option: string) => drawn.map(values => values[option] as number)
    expect(new Set(of('dimensions'))).toEqual(new Set([32, 64, 128]))
    expect(new Set(of('layers'))).toEqual(new Set([1, 2, 3]))
    expect(Math.min(...of('itemGraphWeight'))).toBeGreaterThanOrEqual(0.5)
    expect(Math.max(...of('itemGraphWeight'))).toBeLessThanOrEqual(2)
    // uniform in the logarithm: a third of the values in each decade
    const decade = of('learningRate').filter(value => value < 0.001).length
    expect(decade / 600).toBeGreaterThan(0.28)
    expect(decade / 600).toBeLessThan(0.39)
  })

  it('are functions of seed, trial and option: another option changes none of them', () => {
    expect(drawValues(space, 7, 3)).toEqual(drawn[3])
    expect(drawValues(space, 8, 3)).not.toEqual(drawn[3])
    const { dimensions: _, ...fewer } = space
    expect(drawn[3]).toMatchObject(drawValues(fewer, 7, 3))
  })

  it('have three digits, so that they can be typed again', () => {
    for (const { learningRate } of drawn) expect(Number((learningRate as number).toPrecision(3))).toBe(learningRate)
  })
})

describe('a space as JSON', () => {
  it('is read', () => {
    expect(parseSpace(JSON.stringify(space), 'space.json')).toEqual(space)
  })

  it.each([
    ['{"a": [1}', /^space\.json: not JSON \(.*\); expected \{"learningRate"/],
    ['[1]', /^space\.json: expected an object of options, got \[1\]$/],
    ['{"layers": []}', /^space\.json: option "layers": expected a list such as .*, got \[\]$/],
    [
      '{"layers": {"int": [1, 2.5]}}',
      /^space\.json: option "layers": expected .*"int": \[1, 4\].*, got \{"int":\[1,2\.5\]\}$/,
    ],
    ['{"learningRate": {"log": [0, 1]}}', /^space\.json: option "learningRate": expected .*, got \{"log":\[0,1\]\}$/],
    ['{"judgedWeight": {"uniform": [2, 1]}}', /with the smaller number first, got \{"uniform":\[2,1\]\}$/],
    ['{"judgedWeight": {"normal": [0, 1]}}', /^space\.json: option "judgedWeight": .*got \{"normal":\[0,1\]\}$/],
  ])('refuses %s', (text, message) => {
    expect(() => parseSpace(text, 'space.json')).toThrow(UsageError)
    expect(() => parseSpace(text, 'space.json')).toThrow(message)
  })
})

describe('a budget', () => {
  it.each([
    ['', Number.POSITIVE_INFINITY],
    ['90s', 90],
    ['1.5m', 90],
    ['2h', 7200],
    ['1d', 86_400],
  ])('%j is %d seconds', (text, seconds) => {
    expect(parseBudget(text)).toBe(seconds)
  })

  it.each(['2', 'h', '-1h', '2 h', '2h30m'])('%j is refused', text => {
    expect(() => parseBudget(text)).toThrow(`budget "${text}": expected a number and a unit, such as 2h, 30m or 90s`)
  })

  it('options of a search have the defaults that the help says', () => {
    expect(sweepOptions.parse({})).toEqual({
      trials: 40,
      budget: '',
      metric: 'ndcg@20',
      rungs: 3,
      reduction: 3,
      searchSeed: 1,
    })
    expect(() => sweepOptions.parse({ metric: 'ndcg' })).toThrow(/expected a metric and a cut-off such as ndcg@20/)
  })
})
