/** Requests made from an OpenAPI document: most of them nearly right, some far from it. */
import type { RandomStream } from '../../../src/random.ts'

interface Schema {
  readonly $ref?: string
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
}

interface Operation {
  readonly parameters?: readonly { name: string; in: string; schema: Schema }[]
  readonly requestBody?: { content: Record<string, { schema: Schema }> }
  readonly responses: Readonly<Record<string, unknown>>
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** as the document writes the path */
  readonly template: string
  /** statuses that the document gives for it; undefined for a method that it does not have */
  readonly declared?: readonly string[]
}

/** Texts that have broken servers. */
const TEXTS = [
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1',
    '7',
    '12',
    '50',
    'null',
    'NaN',
    '1e309',
    '__proto__',
    'constructor',
    'toString',
    '../../../etc/passwd',
  ],
  ...[
    '%2e%2e%2f',
    "'; DROP TABLE events; --",
    '<script>alert(1)</script>',
    '\u0000',
    '\ud800',
    '\u202e',
    '👩‍👩‍👧',
    'İ',
    'x'.repeat(600),
  ],
  ...[
    'stock > 0',
    'stock > ',
    '((((((((',
    'stock in ("a", "b")',
    'not not stock = true',
    'stock > 1 and kind = "a"',
    'not (kind in ("a", "b")) or stock <= 2.5',
    'stock >= 1e400',
    '"'.repeat(50),
    'r-0000000000-x',
  ],
]
const NUMBERS = [0, -0, 1, -1, 2, 7, 50, 0.5, 1e-9, 1e6, -1e6, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, 8.64e15]

export function createRequests(document: Document, random: RandomStream): () => Request {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)]
  const chance = (share: number) => random.uniform() < share

  const anything = (depth = 0): unknown => {
    const kind = random.below(depth > 3 ? 4 : 6)
    if (kind === 0) return pick(TEXTS)
    if (kind === 1) return pick(NUMBERS)
    if (kind === 2) return chance(0.5)
    if (kind === 3) return null
    if (kind === 4) return Array.from({ length: random.below(4) }, () => anything(depth + 1))
    return Object.fromEntries(Array.from({ length: random.below(4) }, () => [pick(TEXTS), anything(depth + 1)]))
  }

  const resolve = (schema: Schema): Schema =>
    schema.$ref ? resolve(document.components!.schemas![schema.$ref.split('/').at(-1)!]) : schema

  /** A value of the schema; now and then one that is not. */
  const sample = (given: Schema, wrong: number): unknown => {
    if (chance(wrong)) return anything()
    const schema = resolve(given)
    const choices = schema.anyOf ?? schema.oneOf
    if (choices) return sample(pick(choices), wrong)
    if (schema.enum) return pick(schema.enum)
    if ('const' in schema) return schema.const
    const type = typeof schema.type === 'object' ? pick(schema.type) : schema.type
    if (type === 'object') return objectOf(schema, wrong)
    if (type === 'array') {
      const most = Math.min(schema.maxItems ?? 8, chance(0.02) ? 3000 : 8)
      const length = Math.max(schema.minItems ?? 0, random.below(most + 1))
      return Array.from({ length }, () => sample(schema.items ?? {}, wrong))
    }
    if (type === 'boolean') return chance(0.5)
    if (type === 'null') return null
    if (type === 'integer' || type === 'number') {
      const low = Math.max(schema.minimum ?? schema.exclusiveMinimum ?? -10, -1e6)
      const high = Math.min(schema.maximum ?? 60, 1e6)
      const value = low + random.uniform() * (Math.min(high, low + 60) - low)
      return chance(0.05) ? pick([low, high, low - 1, high + 1]) : type === 'integer' ? Math.round(value) : value
    }
    if (type === 'string') return chance(0.5) ? String(1 + random.below(55)) : pick(TEXTS).slice(0, schema.maxLength)
    return anything()
  }

  const objectOf = ({ properties = {}, required = [] }: Schema, wrong: number) => {
    const entries = Object.entries(properties)
      .filter(([name]) => (required.includes(name) ? !chance(wrong) : chance(0.4)))
      .map(([name, schema]) => [name, sample(schema, wrong)])
    return Object.fromEntries(chance(wrong) ? [...entries, [pick(TEXTS), anything()]] : entries)
  }

  return () => {
    const { path, method, operation } = pick(operations)
    const wrong = pick([0, 0, 0.02, 0.2])
    const parameters = (place: string) => (operation.parameters ?? []).filter(parameter => parameter.in === place)
    const text = (schema: Schema) => {
      const value = sample(schema, wrong)
      return encodeURIComponent((typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed())
    }
    let url = path
    for (const { name, schema } of parameters('path')) url = url.replace(`{${name}}`, text(schema) || '0')
    const query = parameters('query').filter(() => chance(0.6))
    if (query.length > 0) url += `?${query.map(({ name, schema }) => `${name}=${text(schema)}`).join('&')}`
    if (chance(0.01)) url += pick(['?', '?__proto__=1', '/', '//', '?search=%ff', '%00'])
    const schema = operation.requestBody?.content['application/json'].schema
    const declared = Object.keys(operation.responses)
    if (chance(0.02))
      return { method: pick(['PUT', 'DELETE', 'PATCH', 'OPTIONS']), template: path, path: url, headers: {} }
    if (!schema) return { method: method.toUpperCase(), template: path, path: url, headers: {}, declared }
    const json = JSON.stringify(sample(schema, wrong)) ?? ''
    const body = chance(0.03) ? json.slice(0, random.below(json.length + 1)) : json
    const type = chance(0.02)
      ? pick(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx'])
      : 'application/json'
    return {
      method: method.toUpperCase(),
      template: path,
      path: url,
      headers: { 'content-type': type },
      body,
      declared,
    }
  }
}
