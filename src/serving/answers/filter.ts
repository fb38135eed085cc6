/**
 * Conditions on item attributes, such as `stock > 0 and not category in ("shoes", "socks")`. Parsed by the grammar below and
 * nothing else, so that a request can never run code.
 *
 *   either     = both { "or" both }
 *   both       = single { "and" single }
 *   single     = "not" single | "(" either ")" | name test
 *   test       = ("=" | "!=" | "<" | "<=" | ">" | ">=") value | "in" "(" value { "," value } ")" | "is" ["not"] "missing"
 *   name       = letters, digits and _, or anything within `backticks`
 *   value      = number | "text" | 'text' | true | false
 *
 * A test on a missing value does not hold, `!=` included: `is missing` finds it.
 */
import { didYouMean } from '../../nearest.ts'
import type { Attribute } from '../items/attributes.ts'
import { RequestError } from '../model/serving-model.ts'

/** Whether an item fulfils the condition. */
export type Condition = (item: number) => boolean

type Value = string | number | boolean

/** @throws RequestError naming the place, or the nearest attribute */
export function parseFilter(text: string, attributes: readonly Attribute[]): Condition {
  const tokens = tokenize(text)
  let next = 0
  const peek = () => tokens[next]
  const fail = (expected: string): never => {
    const found = peek().text === '' ? 'its end' : `"${peek().text}"`
    throw new RequestError('filter', `expected ${expected} at position ${peek().at + 1}, found ${found}`)
  }
  const accept = (word: string) => peek().kind !== 'text' && peek().text.toLowerCase() === word && next++ >= 0
  const expect = (word: string) => accept(word) || fail(`"${word}"`)

  const joined = (word: string, part: () => Condition): Condition[] => {
    const parts = [part()]
    while (accept(word)) parts.push(part())
    return parts
  }
  const either = (): Condition => {
    const parts = joined('or', both)
    return item => parts.some(holds => holds(item))
  }
  const both = (): Condition => {
    const parts = joined('and', single)
    return item => parts.every(holds => holds(item))
  }
  const not =
    (condition: Condition): Condition =>
    item =>
      !condition(item)
  const single = (): Condition => {
    if (accept('not')) return not(single())
    if (accept('(')) {
      const inner = either()
      expect(')')
      return inner
    }
    return test(attribute())
  }
  const attribute = (): Attribute => {
    const { kind, text: name } = peek()
    if (kind !== 'name') fail('the name of an attribute')
    const names = attributes.map(own => own.name)
    const found = attributes.find(own => own.name === name)
    if (!found)
      throw new RequestError(
        'filter',
        names.length === 0
          ? `unknown attribute "${name}": the model has no item attributes; give them with --items when it is fitted`
          : `unknown attribute "${name}": known are ${names.join(', ')}${didYouMean(name, names)}`,
      )
    next++
    return found
  }
  const value = ({ name, type }: Attribute): Value => {
    const { kind, text: written } = peek()
    const word = () => WORDS.get(written.toLowerCase()) ?? fail('a value')
    const read = kind === 'text' ? written : kind === 'number' ? Number(written) : word()
    if (TYPES[type] !== typeof read) fail(`a ${type} for attribute "${name}"`)
    next++
    return read
  }
  const test = (own: Attribute): Condition => {
    if (accept('is')) {
      const negated = accept('not')
      expect('missing')
      return negated ? not(own.missing) : own.missing
    }
    if (accept('in')) {
      expect('(')
      const values = new Set<Value>()
      do values.add(value(own))
      while (accept(','))
      expect(')')
      return own.where(found => values.has(found))
    }
    const compare = COMPARISONS.get(peek().text) ?? fail('=, !=, <, <=, >, >=, in or is')
    next++
    const given = value(own)
    return own.where(found => compare(found, given))
  }

  const condition = either()
  if (peek().kind !== 'end') fail('and, or, or the end')
  return condition
}

const TYPES = { number: 'number', text: 'string', boolean: 'boolean' } as const
// maps, since an object has more words than are written here
const WORDS = new Map([
  ['true', true],
  ['false', false],
])

const COMPARISONS = new Map<string, (a: Value, b: Value) => boolean>([
  ['=', (a, b) => a === b],
  ['==', (a, b) => a === b],
  ['!=', (a, b) => a !== b],
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
])

interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}

const PATTERN =
  /\s*(?:(?<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?<name>[\p{L}_][\p{L}\p{N}_]*)|`(?<quoted>[^`]+)`|"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>(?:[^'\\]|\\.)*)'|(?<sign><=|>=|!=|==|[=<>(),]))/uy

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  PATTERN.lastIndex = 0
  const trimmed = text.trimEnd()
  while (PATTERN.lastIndex < trimmed.length) {
    const from = PATTERN.lastIndex
    const found = PATTERN.exec(trimmed)
    if (!found?.groups) {
      const at = from + (trimmed.slice(from).length - trimmed.slice(from).trimStart().length)
      throw new RequestError('filter', `cannot read "${trimmed.slice(at, at + 20)}" at position ${at + 1}`)
    }
    const { number, name, quoted, double, single, sign } = found.groups
    const written = double ?? single
    const kind = written !== undefined ? 'text' : number !== undefined ? 'number' : sign !== undefined ? 'sign' : 'name'
    tokens.push({
      kind,
      text: written?.replace(/\\(.)/gs, '$1') ?? number ?? sign ?? name ?? quoted,
      at: from + found[0].length - found[0].trimStart().length,
    })
  }
  tokens.push({ kind: 'end', text: '', at: trimmed.length })
  return tokens
}
