import { describe, expect, it } from 'vitest'
import { parseRequest } from '../../src/serving/answers/request.ts'
import {
  limits,
  rankRequest,
  recommendManyRequest,
  recommendRequest,
  similarRequest,
} from '../../src/serving/answers/schema.ts'
import { RequestError } from '../../src/serving/model/serving-model.ts'

const errorOf = (schema: Parameters<typeof parseRequest>[0], value: unknown) => {
  try {
    parseRequest(schema, value)
  } catch (error) {
    return error as RequestError
  }
  return expect.unreachable('the request was accepted')
}

describe('a request', () => {
  it('has its defaults filled in', () => {
    expect(parseRequest(recommendRequest, { user: 7 })).toEqual({
      ...{ user: 7, k: 10, allowSeen: false, diversity: 0, explain: false },
    })
    expect(parseRequest(recommendRequest, { history: ['a', { item: 'b' }] }).history).toEqual([
      'a',
      { item: 'b', weight: 1 },
    ])
  })

  it.each([
    [recommendRequest, { k: 0 }, 'k: expected at least 1, got 0'],
    [recommendRequest, { k: 1e6 }, 'k: expected at most 1000, got 1000000'],
    [recommendRequest, { k: 'ten' }, 'k: expected a value of type number, got "ten"'],
    [recommendRequest, { k: 2.5 }, 'k: expected an integer, got 2.5'],
    [recommendRequest, { users: ['a'] }, 'unknown field "users"'],
    [recommendRequest, { user: { id: 1 } }, 'user: expected an id (a string or an integer), got {"id":1}'],
    [recommendRequest, { user: '' }, 'user: expected a length of at least 1, got 0'],
    [recommendRequest, { history: 'a' }, 'history: expected a value of type array, got "a"'],
    [recommendRequest, { diversity: 2 }, 'diversity: expected at most 1, got 2'],
    [recommendRequest, { filter: '' }, 'filter: expected a length of at least 1, got 0'],
    [recommendRequest, 'x', 'expected a value of type object, got "x"'],
    [recommendRequest, null, 'expected a value of type object, got null'],
    [recommendManyRequest, { requests: [{}, { k: -1 }] }, 'requests.1.k: expected at least 1, got -1'],
    [similarRequest, { items: [] }, 'items: expected a length of at least 1, got 0'],
    [rankRequest, { user: 1 }, 'items: must be given'],
  ])('that does not fit is refused with the field', (schema, value, message) => {
    const error = errorOf(schema, value)
    expect(error).toBeInstanceOf(RequestError)
    expect(error.message).toBe(message)
  })

  it('has a longest history', () => {
    const history = Array.from({ length: limits.history + 1 }, (_, item) => item)
    expect(errorOf(recommendRequest, { history }).message).toBe(
      'history: expected a length of at most 10000, got 10001',
    )
    expect(errorOf(recommendRequest, { history }).field).toBe('history')
    expect(parseRequest(recommendRequest, { history: history.slice(1) }).history).toHaveLength(limits.history)
  })
})
