/**
 * The functions of the library as JavaScript calls them, where no compiler has checked the arguments. The list is that of the
 * exports, so that a new function is tried too.
 */
import { describe, expect, it } from 'vitest'
import * as api from '../src/index.ts'
import { sharedDirectory } from './support/directory.ts'
import { randomDataset } from './support/toy.ts'
import { type Valid, validArguments } from './support/valid-arguments.ts'

type Untyped = (...given: unknown[]) => unknown

const functions = Object.entries(api)
  .filter(([, value]) => typeof value === 'function' && !(value.prototype instanceof Error))
  .map(([name, value]) => [name, value as Untyped] as const)

/** These take nothing, or options that may all be left out. */
const TAKES_NOTHING = ['aiSdkJudge', 'createKernels', 'createReferenceKernels', 'listParts', 'plantedData']

/** Whose options are flags too: then messages name the command and the flag. */
const COMMANDS: Readonly<Record<string, string>> = { auditLeakage: 'audit', exportTables: 'export' }

const outcome = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work()
  } catch (error) {
    return error
  }
}

const train = randomDataset(6, 10, 0.4)
const held = { offsets: Int32Array.of(0, 1, 1, 1, 1, 1, 1), indices: Int32Array.of(9) }
const table: Readonly<Record<string, Valid>> = validArguments(api.createSplit(train, held, held), sharedDirectory())

/** A call with what is in `given` and `more`. */
const call = (name: string, { as, before = {} }: Valid, given: object) => {
  const values = Object.values(given)
  const work = functions.find(([own]) => own === name)![1]
  return outcome(() => work(...(as === 'request' ? [...Object.values(before), given] : values)))
}

describe.each(functions)('%s', (name, work) => {
  const own = `^(${name}|${COMMANDS[name] ?? name}): `

  it.each([[], [{}], [null], [7], [Number.NaN], [new Map()], [() => {}], [{}, {}, {}]])(
    'says which argument is wrong: %j',
    async (...given) => {
      const found = await outcome(() => work(...given))
      if (found instanceof Error) {
        expect(found).toBeInstanceOf(api.DualtreeError)
        expect(found.message).toMatch(new RegExp(own))
      } else {
        expect(TAKES_NOTHING).toContain(name)
        if (name !== 'listParts') for (const one of given) expect(one).toEqual({})
      }
    },
  )

  it('takes what it says, and refuses each field that is missing, misspelt or of another type', async () => {
    const valid = table[name]
    const found = await call(name, valid, { ...valid.given })
    if (valid.nowhere) expect(found).toBeInstanceOf(api.DualtreeError)
    else expect(found).not.toBeInstanceOf(Error)
    const all = { ...valid.given, ...valid.more }
    for (const [field, value] of Object.entries(valid.given)) {
      const without = await call(name, valid, { ...all, [field]: undefined })
      expect(without, field).toBeInstanceOf(api.DualtreeError)
      expect((without as Error).message, field).toMatch(new RegExp(`${own}.*\\b${field}\\b`))
      expect(value, field).toBeDefined()
    }
    for (const [field, value] of Object.entries(all))
      for (const other of othersThan(value)) {
        const wrong = await call(name, valid, { ...all, [field]: other })
        expect(wrong, `${field}: ${String(other)}`).toBeInstanceOf(api.DualtreeError)
        expect((wrong as Error).message, `${field}: ${String(other)}`).toMatch(new RegExp(`${own}.*\\b${field}\\b`))
      }
    if (valid.as !== 'request') return
    const slip = `${Object.keys(all)[0]}s`
    const misspelt = await call(name, valid, { ...all, [slip]: 1 })
    expect((misspelt as Error).message).toMatch(new RegExp(`${own}unknown (field|option) "?(--)?${slip}`))
    // what is spread into a request may hold more
    if (!valid.nowhere) expect(await call(name, valid, { ...valid.given, '12345678': 1 })).not.toBeInstanceOf(Error)
  })
})

/** Values that are of no type that this one could have. */
function othersThan(value: unknown): unknown[] {
  if (typeof value === 'function') return [7, 'x', {}, null]
  if (typeof value === 'string') return [7, {}, null, ['x'], Number.NaN]
  if (typeof value === 'number') return ['1', Number.NaN, -1.5, {}, null]
  if (typeof value === 'boolean') return ['yes', 1, null]
  return [7, null, new Map(), Array.isArray(value) || ArrayBuffer.isView(value) ? { length: 1 } : [[1, 2, 3]]]
}
