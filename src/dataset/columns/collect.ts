/** Fields of records gathered into columns: ids and kinds encoded, numbers and times parsed. */
import { createByteDictionary, parseDecimal } from '../formats/tables/bytes.ts'
import { type Fields, fieldText } from '../formats/tables/fields.ts'
import { type ChosenColumns, mapColumns } from './columns.ts'
import { createNumberColumn } from './numbers.ts'
import { parseTimeAt } from './parse-time.ts'
import { type Account, growing, type IdColumn, type Role, type Rows } from './rows.ts'

/** Texts of unreadable values that are kept for the message. */
const KEPT_FAULTS = 5

export interface Collector {
  /** the fields of a record, and the line it starts on */
  add(fields: Fields, line: number): void
  readonly count: number
  rows(account: Account): Rows
}

/**
 * @param names of the columns, as messages call them
 * @param explode the roles whose fields hold lists, a row for each entry
 */
export function createCollector(chosen: ChosenColumns, names: readonly string[], what = 'column'): Collector {
  const lines = growing(Int32Array)
  const faults = new Map<string, string>()
  const [users, items] = [idSink(), idSink()]
  const events = chosen.event === undefined ? undefined : idSink()
  const ratings = chosen.rating === undefined ? undefined : createNumberColumn()
  const weights = chosen.weight === undefined ? undefined : createNumberColumn()
  const times = chosen.time === undefined ? undefined : { values: growing(Float64Array), dated: growing(Uint8Array) }
  const { user, item, rating, time, event, weight } = chosen
  const lists = mapColumns(chosen, position => position) as Partial<Record<Role, number>>
  const exploded = (['user', 'item'] as const).find(role => chosen.paths?.[role] === '[]')

  const fault = (role: Role, fields: Fields, field: number) => {
    if (faults.size < KEPT_FAULTS) faults.set(`${lines.length} ${role}`, fieldText(fields, field))
  }
  const addNumber = (column: ReturnType<typeof createNumberColumn>, fields: Fields, field: number, role: Role) => {
    const value = parseDecimal(fields.bytes, fields.starts[field], fields.ends[field])
    if (!Number.isNaN(value)) column.push(value)
    else if (!Number.isFinite(column.pushText(fieldText(fields, field)))) fault(role, fields, field)
  }
  const addRest = (fields: Fields, line: number) => {
    if (rating !== undefined) addNumber(ratings!, fields, rating, 'rating')
    if (weight !== undefined) addNumber(weights!, fields, weight, 'weight')
    if (event !== undefined) events!.add(fields, event)
    if (time !== undefined) {
      const read = parseTimeAt(fields.bytes, fields.starts[time], fields.ends[time])
      if (!Number.isFinite(read.value)) fault('time', fields, time)
      times!.values.push(read.value)
      times!.dated.push(read.dated)
    }
    lines.push(line)
  }
  const place = (row: number) => `line ${lines.values()[row]}`
  return {
    get count() {
      return lines.length
    },
    add(fields, line) {
      if (exploded === undefined) {
        users.add(fields, user)
        items.add(fields, item)
        return addRest(fields, line)
      }
      for (const entry of listEntries(fieldText(fields, lists[exploded]!))) {
        if (exploded === 'user') users.addText(entry)
        else users.add(fields, user)
        if (exploded === 'item') items.addText(entry)
        else items.add(fields, item)
        addRest(fields, line)
      }
    },
    rows: account => ({
      count: lines.length,
      users: users.column(),
      items: items.column(),
      ...(ratings && { ratings: ratings.values(account, place) }),
      ...(weights && { weights: weights.values(account, place) }),
      ...(events && { events: events.column() }),
      ...(times && { times: { kind: 'clock', values: times.values.values(), dated: times.dated.values() } }),
      names: mapColumns(chosen, position => `${what} "${names[position]}"`),
      place,
      found: (row, role) => faults.get(`${row} ${role}`),
      account,
    }),
  }
}

/** A column of ids. */
export function idSink() {
  const dictionary = createByteDictionary()
  const codes = growing(Int32Array)
  const numbers = new Map<number | bigint, number>()
  let last = -1
  return {
    add(fields: Fields, field: number): void {
      last = fields.escaped[field]
        ? dictionary.encodeText(fieldText(fields, field))
        : dictionary.encode(fields.bytes, fields.starts[field], fields.ends[field])
      codes.push(last)
    },
    addText(text: string): void {
      last = dictionary.encodeText(text)
      codes.push(last)
    },
    /** text, a number, or nothing; an object is none */
    addValue(value: unknown): void {
      if (typeof value === 'number' || typeof value === 'bigint') {
        let code = numbers.get(value)
        if (code === undefined) {
          code = Number.isNaN(value) ? -1 : dictionary.encodeText(String(value))
          numbers.set(value, code)
        }
        codes.push(code)
      } else if (value === null || value === undefined || typeof value === 'object') codes.push(-1)
      else codes.push(dictionary.encodeText(String(value)))
    },
    /** the id of the field before this one, again */
    again: (): void => codes.push(last),
    column: (): IdColumn => ({ texts: dictionary.texts(), codes: codes.values() }),
  }
}

/** The entries of a list in a field: JSON, Python, or words between commas, semicolons, bars or blanks. */
export function listEntries(text: string): string[] {
  const inner = text.replace(/^[[({]/, '').replace(/[\])}]$/, '')
  const quoted = inner.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g)
  if (quoted) return quoted.map(entry => entry.slice(1, -1).replace(/\\(.)/g, '$1'))
  return inner.split(/[,;|]/.test(inner) ? /\s*[,;|]\s*/ : /\s+/).filter(entry => entry !== '')
}
