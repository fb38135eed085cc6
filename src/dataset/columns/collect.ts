/** Rows gathered into columns as they are read: ids and kinds encoded, numbers and times parsed. */
import { ByteDictionary, parseDecimal } from '../formats/tables/bytes.ts'
import { type Fields, fieldText } from '../formats/tables/fields.ts'
import { type ChosenColumns, mapColumns } from './columns.ts'
import { createNumberColumn } from './numbers.ts'
import { parseTimeAt } from './parse-time.ts'
import { type Account, growing, type IdColumn, type Role, type Rows } from './rows.ts'

/** Texts of unreadable values that are kept for the message. */
const KEPT_FAULTS = 5

/**
 * What has been read so far. Whoever fills it gives each row a value in every chosen column, and then ends the row.
 * @param what a message calls a column: `field`
 * @param unit what a message calls the place of a row: `line`
 */
export function createRows(chosen: ChosenColumns, names: readonly string[], what: string, unit: string) {
  const { rating, weight, event, time } = chosen
  const [users, items, events] = [idSink(), idSink(), idSink()]
  const [ratings, weights] = [createNumberColumn(), createNumberColumn()]
  const [times, dated, places] = [growing(Float64Array), growing(Uint8Array), growing(Int32Array)]
  const faults = new Map<string, string>()
  const place = (row: number) => `${unit} ${places.values()[row]}`
  return {
    ...{ users, items, events, ratings, weights },
    addTime(read: { readonly value: number; readonly dated: number }): void {
      times.push(read.value)
      dated.push(read.dated)
    },
    /** The value that was added for a role cannot be read. */
    fault(role: Role, text: string): void {
      if (faults.size < KEPT_FAULTS) faults.set(`${places.length} ${role}`, text)
    },
    end: (place: number): void => places.push(place),
    get count() {
      return places.length
    },
    rows: (account: Account): Rows => ({
      count: places.length,
      users: users.column(),
      items: items.column(),
      ...(rating !== undefined && { ratings: ratings.values(account, place) }),
      ...(weight !== undefined && { weights: weights.values(account, place) }),
      ...(event !== undefined && { events: events.column() }),
      ...(time !== undefined && { times: { kind: 'clock', values: times.values(), dated: dated.values() } }),
      names: mapColumns(chosen, position => `${what} "${names[position]}"`),
      place,
      found: (row, role) => faults.get(`${row} ${role}`),
      account,
    }),
  }
}

/**
 * Collects records as they lie in the bytes of a text.
 * @param names of the columns, as messages call them
 */
export function createCollector(chosen: ChosenColumns, names: readonly string[]) {
  const collected = createRows(chosen, names, 'column', 'line')
  const { users, items, events, ratings, weights } = collected
  const { user, item, rating, time, event, weight, labelled } = chosen
  const exploded = (['user', 'item'] as const).find(role => chosen.paths?.[role] === '[]')

  const addNumber = (column: typeof ratings, fields: Fields, field: number, role: Role) => {
    const value = parseDecimal(fields.bytes, fields.starts[field], fields.ends[field])
    if (!Number.isNaN(value)) column.push(value)
    else if (!Number.isFinite(column.pushText(fieldText(fields, field))))
      collected.fault(role, fieldText(fields, field))
  }
  const addRest = (fields: Fields, line: number, label?: string) => {
    if (rating !== undefined) addNumber(ratings, fields, rating, 'rating')
    if (weight !== undefined) addNumber(weights, fields, weight, 'weight')
    if (label !== undefined) events.addText(label)
    else if (event !== undefined) events.add(fields, event)
    if (time !== undefined) {
      const read = parseTimeAt(fields.bytes, fields.starts[time], fields.ends[time])
      if (!Number.isFinite(read.value)) collected.fault('time', fieldText(fields, time))
      collected.addTime(read)
    }
    collected.end(line)
  }
  const addRow = (fields: Fields, line: number) => {
    users.add(fields, user)
    items.add(fields, item)
    addRest(fields, line)
  }
  const addEntries = (fields: Fields, line: number) => {
    for (const entry of listEntries(fieldText(fields, chosen[exploded!]))) {
      const id = labelled ? entry.replace(LABEL, '') : entry
      if (exploded === 'user') users.addText(id)
      else users.add(fields, user)
      if (exploded === 'item') items.addText(id)
      else items.add(fields, item)
      addRest(fields, line, labelled ? labelOf(entry) : undefined)
    }
  }
  return {
    get count() {
      return collected.count
    },
    /** The fields of a record, and the line it starts on; a field that holds a list makes a row for each entry. */
    add: exploded ? addEntries : addRow,
    rows: collected.rows,
  }
}

/** A column of ids. */
export function idSink() {
  const dictionary = new ByteDictionary()
  const codes = growing(Int32Array)
  const numbers = new Map<number | bigint, number>()
  let last = -1
  let rounded: string | undefined
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
          if (Number.isInteger(value) && !Number.isSafeInteger(value)) rounded ??= String(value)
        }
        codes.push(code)
      } else if (value === null || value === undefined || typeof value === 'object') codes.push(-1)
      else codes.push(dictionary.encodeText(String(value)))
    },
    /** the id of the field before this one, again */
    again: (): void => codes.push(last),
    column: (): IdColumn => ({ texts: dictionary.texts(), codes: codes.values(), rounded }),
  }
}

/** The entries of a list in a field: JSON, Python, or words between commas, semicolons, bars or blanks. */
export function listEntries(text: string): string[] {
  const inner = text.replace(/^[[({]/, '').replace(/[\])}]$/, '')
  const quoted = inner.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g)
  if (quoted) return quoted.map(entry => entry.slice(1, -1).replace(/\\(.)/g, '$1'))
  return inner.split(/[,;|]/.test(inner) ? /\s*[,;|]\s*/ : /\s+/).filter(entry => entry !== '')
}

/** N4-1 is N4, and that it was clicked; N4-0 was shown only. */
const LABEL = /-([01])$/

const labelOf = (entry: string) => LABEL.exec(entry)?.[1] ?? ''

/** Whether the entries of lists end in -0 or -1, some in each, as impressions do. */
export function areLabelled(values: readonly string[]): boolean {
  const labels = new Set(values.flatMap(listEntries).map(labelOf))
  return labels.size === 2 && !labels.has('')
}
