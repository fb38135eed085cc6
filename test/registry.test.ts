import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { UsageError } from '../src/errors.ts'
import { createRegistry, describePart, type Part } from '../src/registry.ts'
import { listParts, registries } from '../src/run/parts.ts'

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

describe.each(registries)('$kind parts', registry => {
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
      const { runtime } = each as { runtime?: { shape: object } }
      const names = [...Object.keys(each.options.shape), ...Object.keys(runtime?.shape ?? {})]
      expect(described.options.map(({ name }) => name)).toEqual(names)
    }
  })
})

it('every registry of parts is listed, whole', () => {
  const source = join(import.meta.dirname, '../src')
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('index.ts'))
  const kinds = files.flatMap(path =>
    Array.from(
      readFileSync(join(source, path), 'utf8').matchAll(/createRegistry(?:<\w+>)?\(\s*'([\w ]+)'/g),
      ([, kind]) => kind,
    ),
  )
  // these are no parts of a run
  const others = ['study', 'preset', 'export target']
  expect([...registries.map(({ kind }) => kind), ...others].sort()).toEqual(kinds.sort())
  const listed = Object.values(listParts()).map(parts => parts.map(({ name }) => name))
  expect(listed).toEqual(registries.map(({ names }) => names))
})
