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
  if (Array.isArray(first)) {
    const inner = typeof first[0] === 'object' && first[0] !== null ? `[].${Object.keys(first[0])[0]}` : '[]'
    throw new DataError(
      `${what} holds lists such as ${shown}; a row for each entry is made by ${flag} "${name}${inner}"`,
    )
  }
  const keys = Object.keys(first as object)
  const key = keys.find(inner => /^_?id$|id$/i.test(inner)) ?? keys[0]
  throw new DataError(`${what} holds objects such as ${shown}; name the field inside, such as ${flag} "${name}.${key}"`)
}

/** The fields inside of fields, as they are named: a hint for messages. */
export function insideOf(sample: readonly JsonObject[]): string {
  const inside = sample.slice(0, 20).flatMap(row =>
    Object.entries(row).flatMap(([name, value]) => {
      const [inner, path] = Array.isArray(value) ? [value[0], '[]'] : [value, '']
      return typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.keys(inner).map(key => `"${name}${path}.${key}"`)
        : []
    }),
  )
  const shown = [...new Set(inside)].slice(0, 12)
  return shown.length > 0 ? `; inside of fields there are ${shown.join(', ')}` : ''
}
