/** Values in objects in objects: `user.id`, `items[].id`, and how a value that is no id is explained. */
import { DataError } from '../../../errors.ts'
import { quote } from '../../files/text.ts'
import type { JsonObject } from './tree.ts'

/**
 * What `path` (`[].id`, `.id`; empty for the value itself) finds; several values behind `[]`.
 * Objects of one key such as `$oid` of MongoDB, or `S` and `N` of DynamoDB, stand for what is in them.
 */
export function valuesOf(value: unknown, path = ''): unknown[] {
  let values = [value]
  for (const [step, list, key] of path.matchAll(/\[(\d*)\]|\.([^.[]+)/g)) {
    values = values.flatMap(inner => {
      if (inner === null || typeof inner !== 'object') return step === '[]' && typeof inner === 'string' ? [inner] : []
      if (key !== undefined) return [(inner as Record<string, unknown>)[key]]
      if (!Array.isArray(inner)) return []
      return list === '' ? inner : [inner[Number(list)]]
    })
  }
  return values.map(unwrapped)
}

function unwrapped(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const keys = Object.keys(value)
  return keys.length === 1 && /^(\$.*|[SN])$/.test(keys[0])
    ? unwrapped((value as Record<string, unknown>)[keys[0]])
    : value
}

/** A value as the text of a field: empty for null, JSON for what is no single value. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/**
 * @param flag of the role: `--user`
 * @throws DataError for a field whose values are objects or lists, saying which field inside there is
 */
export function refuseNested(values: readonly unknown[], what: string, name: string, flag: string): void {
  const nested = values.filter(value => typeof value === 'object' && value !== null)
  if (nested.length === 0) return
  const [first] = nested
  const shown = quote(JSON.stringify(first))
  if (Array.isArray(first))
    throw new DataError(`${what} holds lists such as ${shown}; a row for each entry is made by ${flag} "${best(pathsIn(first, name))}"`) // biome-ignore format: one line
  const objects = nested.filter(value => !Array.isArray(value)) as object[]
  if (objects.length > 2 && !Object.keys(objects[0]).some(key => objects.every(object => key in object)))
    throw new DataError(`${what} holds objects whose keys are ids, such as ${shown}; write a row for each of them`)
  throw new DataError(
    `${what} holds objects such as ${shown}; name the field inside, such as ${flag} "${best(pathsIn(first, name))}"`,
  )
}

/** How deep into objects hints look. */
const DEEPEST = 4

/** The paths to the single values in a value. */
function pathsIn(value: unknown, name: string, depth = DEEPEST): string[] {
  if (Array.isArray(value)) return pathsIn(value[0], `${name}[]`, depth)
  if (typeof value !== 'object' || value === null || depth === 0) return [name]
  return Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, `${name}.${key}`, depth - 1))
}

const isIdPath = (path: string) => /id$|sku$|code$/i.test(path)

function best(paths: readonly string[]): string {
  return paths.find(isIdPath) ?? paths[0]
}

/** The fields inside of fields, as they are named: a hint for messages; those of ids first. */
export function insideOf(sample: readonly JsonObject[]): string {
  const inside = new Set(
    sample
      .slice(0, 20)
      .flatMap(row =>
        Object.entries(row).flatMap(([name, value]) => pathsIn(value, name).filter(path => path !== name)),
      ),
  )
  const listed = [...[...inside].filter(isIdPath), ...[...inside].filter(path => !isIdPath(path))]
  const shown = listed.slice(0, 12).map(path => `"${path}"`)
  return shown.length > 0 ? `; inside of fields there are ${shown.join(', ')}` : ''
}
