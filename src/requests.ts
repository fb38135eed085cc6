/**
 * What the functions of the library are given, which no compiler has checked where the caller is JavaScript: each checks it as it
 * begins, against fields made of the shapes below. Inner code gets what was checked.
 */
import { z } from 'zod'
import { UsageError } from './errors.ts'
import { didYouMean, nearest } from './nearest.ts'
import { explainIssue, integer, isPlain, shown, valueAt } from './options.ts'

/** Schemas of fields, made once for each. */
const schemas = new WeakMap<z.ZodRawShape, z.ZodObject>()

/**
 * @param owner the function, as it is exported
 * @param fields of the request, or the arguments by their names; the same object at every call
 * @throws UsageError naming the field, what was expected and what was found; for one that is spelt nearly as a known one, that one.
 *   Others are left alone: they are of a larger object that was spread
 */
export function checkRequest(owner: string, fields: z.ZodRawShape, given: unknown): void {
  const schema = schemas.get(fields) ?? z.strictObject(fields)
  schemas.set(fields, schema)
  if (given !== undefined && !isPlain(given))
    throw new UsageError(`${owner}: expected a value of type object, got ${shown(given)}`)
  const result = schema.safeParse(given)
  if (result.success) return
  const known = Object.keys(fields)
  const isSlip = (name: string) => nearest(name, known) !== undefined || known.some(other => other.startsWith(name))
  const issue = result.error.issues.find(found => found.code !== 'unrecognized_keys' || found.keys.some(isSlip))
  if (!issue) return
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys.find(isSlip)!
    throw new UsageError(
      `${owner}: unknown field "${unknown}"; known are ${known.join(', ')}${didYouMean(unknown, known)}`,
    )
  }
  const value = valueAt(given, issue.path)
  const place = [owner, ...(issue.path.length > 0 ? [issue.path.join('.')] : [])].join(': ')
  throw new UsageError(
    value === undefined ? `${place}: must be given` : `${place}: ${explainIssue(issue, value)}, got ${shown(value)}`,
  )
}

/** An array of a class, of some length or any. */
const arrayOf = (...classes: readonly (new () => ArrayBufferView)[]) =>
  z.custom<ArrayBufferView>(
    value => classes.some(one => value instanceof one),
    `expected a ${classes.map(({ name }) => name).join(' or ')}`,
  )

/** Numbers or ids, in an array of any class. */
export const column = z.custom<ArrayLike<unknown>>(
  value => Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value),
  'expected an array',
)
export const ints = arrayOf(Int32Array)
export const bytes = arrayOf(Int8Array)
export const floats = arrayOf(Float32Array, Float64Array)
/** Something that is called. */
export const callable = z.custom<() => void>(value => typeof value === 'function', 'expected a function')
/** Options by name, checked elsewhere. */
export const plainObject = z.custom<object>(isPlain, 'expected a value of type object')
export const signal = z.custom<AbortSignal>(value => value instanceof AbortSignal, 'expected an AbortSignal')
/** An argument with fields of its own. */
export const withFields = <T extends z.ZodRawShape>(fields: T) => plainObject.pipe(z.object(fields))
/** What every long function takes. */
export const watchFields = { signal: signal.optional(), emit: callable.optional() }
export const seed = z.int()

/** Rows of a CSR matrix. */
export const pattern = z.object({ offsets: ints, indices: ints })
export const vocabulary = z.object({ ids: column, indexOf: callable })
export const dataset = z.object({
  ...{ users: integer(0), items: integer(0), interactions: integer(0), byUser: pattern, byItem: pattern },
  ...{ userIds: vocabulary, itemIds: vocabulary, timestamps: floats.optional(), weights: floats.optional() },
})
/** [I × D] */
export const itemVectors = z.object({ dimensions: integer(1), values: floats })
export const kernels = z.object({
  memory: z.object({ scope: callable, copy: callable, floats: callable }),
  threads: integer(1),
})
export const recommender = z.object({ users: integer(0), items: integer(0), recommend: callable })
export const pairs = z.object({
  ...{ users: column, items: column, weights: column.optional(), timestamps: column.optional() },
  timeKind: z.enum(['clock', 'position']).optional(),
})
/** Of one tree. */
export const codes = z.object({ depth: integer(0), values: bytes })
export const viewCodes = z.object({ structural: codes, semantic: codes })
export const candidates = z.object({ k: integer(1), items: ints })
export const verdicts = z.object({ labels: bytes, confidence: floats })
/** The name of a part, a part, or one with its options. */
export const part = z.custom<unknown>(
  value => typeof value === 'string' || (isPlain(value) && ('summary' in value || 'part' in value)),
  'expected the name of a part, a part, or { part, options }',
)
