/** Requests checked against their schema, with errors that name the field. */
import type { z } from 'zod'
import { explainIssue, isPlain, shown, valueAt } from '../../options.ts'
import { RequestError } from '../model/serving-model.ts'

/** @throws RequestError naming the field, what was expected and what was found */
export function parseRequest<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  if (value !== undefined && !isPlain(value) && !Array.isArray(value))
    throw new RequestError('', `expected a value of type object, got ${shortly(value)}`)
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new RequestError(issue.path.join('.'), describeIssue(issue, value))
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'unrecognized_keys') return `unknown field "${issue.keys[0]}"`
  const given = valueAt(value, issue.path)
  if (given === undefined) return 'must be given'
  if (issue.code === 'invalid_union') return `expected an id (a string or an integer), got ${shortly(given)}`
  if ('origin' in issue && (issue.origin === 'array' || issue.origin === 'string')) {
    const bound =
      issue.code === 'too_big' ? `at most ${issue.maximum}` : `at least ${'minimum' in issue ? issue.minimum : 0}`
    return `expected a length of ${bound}, got ${(given as { length: number }).length}`
  }
  return `${explainIssue(issue, given)}, got ${shortly(given)}`
}

function shortly(value: unknown): string {
  const text = shown(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
