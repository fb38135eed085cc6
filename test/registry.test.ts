import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { formats } from '../src/dataset/formats/index.ts'
import { UsageError } from '../src/errors.ts'
import { judges } from '../src/judges/index.ts'
import { metrics } from '../src/metrics/index.ts'
import { baselines } from '../src/models/baselines/index.ts'
import { models } from '../src/models/index.ts'
import { objectives } from '../src/objectives/index.ts'
import { createRegistry, describePart, type Part, type Registry } from '../src/registry.ts'
import { listParts } from '../src/run/parts.ts'
import { samplers } from '../src/samplers/index.ts'

const part = (name: string): Part => ({ name, summary: 'A part.', source: 'this test', options: z.object({}) })

describe('a registry', () => {
  const fruits = createRegistry('fruit', ['apple', 'pear', 'blood-orange'].map(part))

  it('finds parts by name, in the order of their declaration', () => {
    expect(fruits.names).toEqual(['apple', 'pear', 'blood-orange'])
    expect(fruits.get('pear')).toBe(fruits.parts[1])
  })

  it.each([
    ['aple', '; did you mean "apple"?'],
    ['Pear', '; did you mean "pear"?'],
    ['bloodorange', '; did you mean "blood-orange"?'],
    ['quince-and-medlar', ''],
  ])('names the known ones, and the nearest if one is near: %s', (name, hint) => {
    expect(() => fruits.get(name)).toThrow(UsageError)
    expect(() => fruits.get(name)).toThrow(
      new RegExp(`^unknown fruit "${name}": known are apple, pear, blood-orange${hint.replace('?', '\\?')}$`),
    )
  })

  it.each(['toString', '__proto__', 'constructor', ''])('knows no names but its own: "%s"', name => {
    expect(() => fruits.get(name)).toThrow(`unknown fruit "${name}"`)
  })
})

describe.each([models, baselines, samplers, objectives, metrics, formats, judges] as Registry<Part>[])(
  '$kind parts',
  registry => {
    it('have a name each, of lower-case words joined by hyphens', () => {
      expect(registry.parts.length).toBeGreaterThan(0)
      expect(new Set(registry.names).size).toBe(registry.parts.length)
      for (const { name } of registry.parts) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    })

    it('say in one sentence what they are, and where that comes from', () => {
      for (const { name, summary, source } of registry.parts) {
        expect(summary, name).toMatch(/^[A-Z0-9].*\.$/)
        expect(summary, name).not.toMatch(/[\n]|\. [A-Z].*\. /)
        expect(summary.length, name).toBeLessThanOrEqual(160)
        expect(source.trim(), name).not.toBe('')
      }
    })

    it('are described as plain JSON', () => {
      for (const each of registry.parts) {
        const described = describePart(each)
        expect(JSON.parse(JSON.stringify(described))).toEqual(described)
        // a judge's options that change no verdict come after those that do
        const { work } = each as { work?: { shape: object } }
        const names = [...Object.keys(each.options.shape), ...Object.keys(work?.shape ?? {})]
        expect(described.options.map(({ name }) => name)).toEqual(names)
      }
    })
  },
)

it('every registry is listed, whole', () => {
  const names = Object.fromEntries(
    Object.entries(listParts()).map(([kind, parts]) => [kind, parts.map(({ name }) => name)]),
  )
  expect(names).toEqual({
    models: models.names,
    baselines: baselines.names,
    samplers: samplers.names,
    objectives: objectives.names,
    metrics: metrics.names,
    formats: formats.names,
    judges: judges.names,
  })
})
