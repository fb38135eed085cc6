import { z } from 'zod'
import { DataError } from '../../errors.ts'
import { createValueCollector } from '../columns/collect-values.ts'
import { chooseByName } from '../columns/columns.ts'
import { BY_PLACE, describeColumns } from '../columns/describe.ts'
import { isUsualName, namesUserAndItem } from '../columns/names.ts'
import { chooseByPosition } from '../columns/places.ts'
import { createAccount, tally } from '../columns/rows.ts'
import { readWhere } from '../filters/where.ts'
import { defineFormat, type ReadRequest, SAMPLED_ROWS } from './format.ts'
import { insideOf, refuseNested, textOf, valuesOf } from './json/paths.ts'
import type { JsonObject } from './json/tree.ts'
import { type JsonRow, type JsonShape, parseRow, readJson, shapeOfJson } from './json/values.ts'
import { TYPE } from './tables/header.ts'

export const jsonl = defineFormat({
  name: 'jsonl',
  summary: 'JSON objects, one per line or in an array.',
  source: 'jsonlines.org, RFC 8259',
  options: z.object({}),
  detect(sniff) {
    const shape = shapeOfJson(sniff)
    if (shape === undefined) return
    if (shape === 'lines')
      return `its first line is a JSON ${sniff.lines.some(line => line.trim().startsWith('{')) ? 'object' : 'array'}`
    return shape === 'stream' ? 'it holds JSON objects, one after another' : 'it is one JSON object'
  },
  async read(request) {
    const { sniff, wishes, signal, decide } = request
    const { label } = sniff.file
    const shape = shapeOfJson(sniff) ?? 'lines'
    const found = await firstRows(request, shape)
    const inner = innerOf(found, wishes)
    const rowsOf = (row: JsonObject) => (inner === undefined ? [row] : within(row, inner))
    const sample = found.flatMap(rowsOf)
    const header = headerOf(sample)
    refuseRagged(sample, label)
    const keys = [...new Set(sample.flatMap(row => Object.keys(row)))]
    const names = header ?? keys
    if (names.length === 0) throw new DataError(`${label} line 1: expected JSON objects, found none; give --format`)
    const textsOf = (row: JsonObject) => keys.map(key => textOf(valuesOf(row[key])[0]))
    const samples = sample.filter(row => !header || kindOfRow(row, header) === undefined).map(textsOf)
    const isArray = names.every((name, position) => name === String(position))
    const chosen = isArray
      ? chooseByPosition(names.length, [samples], wishes, `${label} line 1`)
      : chooseByName(names, wishes, `${label} line 1`, samples, insideOf(sample))
    for (const role of ['user', 'item'] as const) {
      const name = `${names[chosen[role]]}${chosen.paths?.[role] ?? ''}`
      const values = sample.flatMap(row => valuesOf(row[keys[chosen[role]]], chosen.paths?.[role]))
      refuseNested(values, `${label}: field "${name}"`, name, `--${role}`)
    }
    const place = inner === undefined ? '' : ` inside of "${inner}"`
    decide(
      `${label}: fields${place} ${describeColumns(chosen, names, samples, wishes, isArray && names.length > 2 ? BY_PLACE : '')}.`,
    )

    const account = createAccount()
    const collector = createValueCollector(chosen, names, { what: 'field', unit: 'line', account })
    return readWhere(request, names, async spool => {
      const visit = ({ row: whole, line }: JsonRow) => {
        for (const row of rowsOf(whole)) {
          const kind = header && kindOfRow(row, header)
          if (kind) {
            tally(account.skipped, kind, `line ${line}`)
            continue
          }
          const added = collector.add(role => valuesOf(row[keys[chosen[role]!]])[0], line)
          spool?.(textsOf(row), added)
        }
      }
      await readJson(sniff.file, shape, account, visit, signal)
      return collector.rows()
    })
  },
})

/** The field whose objects name users and items, where the rows around them do not: `_source`, `node`, `properties`, `data`. */
function innerOf(sample: readonly JsonObject[], wishes: ReadRequest['wishes']): string | undefined {
  const names = [...new Set(sample.flatMap(row => Object.keys(row)))]
  const isUser = (name: string) => isUsualName(name, 'user') && typeof valuesOf(sample[0]?.[name])[0] !== 'object'
  if (Object.keys(wishes).length > 0 || names.some(isUser)) return
  return names.find(name => {
    const rows = sample.filter(row => row[name] !== null && row[name] !== undefined)
    return rows.length > 0 && rows.every(row => within(row, name).every(inner => namesUserAndItem(Object.keys(inner))))
  })
}

/** The objects in a field, with what stands beside the field, but for what a search engine says of each hit. */
function within(row: JsonObject, name: string): JsonObject[] {
  const { [name]: value, _score, _type, ...beside } = row
  return (Array.isArray(value) ? value : [value]).map(inner => ({ ...beside, ...(inner as JsonObject) }))
}

/** The names of the columns where the first of the arrays holds them. */
function headerOf([first]: readonly JsonObject[]): string[] | undefined {
  const names = Object.values(first ?? {}).map(String)
  return Object.keys(first ?? {}).every((key, position) => key === String(position)) && namesUserAndItem(names) ? names : undefined // biome-ignore format: one line
}

/** What a row below the names is, where it is no interaction. */
function kindOfRow(row: JsonObject, header: readonly string[]): string | undefined {
  if (header.every((name, position) => row[position] === name)) return 'header'
  return header.every((_, position) => TYPE.test(String(row[position]))) ? 'row of types' : undefined
}

/** @throws DataError for arrays of as many entries as items, of which none is a row */
function refuseRagged(sample: readonly JsonObject[], label: string): void {
  const widths = sample.map(row => ('0' in row ? Object.keys(row).length : 0))
  const other = widths.filter(width => width > 0 && width !== widths[0])
  if (widths[0] === 0 || other.length <= 0.1 * sample.length) return
  throw new DataError(`${label} line 1: arrays of ${widths[0]}, ${other[0]} and other numbers of entries, as lists of items are; write an array or object per interaction, or one object of users with their lists`) // biome-ignore format: one line
}

/** Rows that tell the fields; of one large object all are read. */
async function firstRows({ sniff, signal }: ReadRequest, shape: JsonShape): Promise<JsonObject[]> {
  if (shape === 'lines') return sniff.lines.slice(0, SAMPLED_ROWS).flatMap<JsonObject>(line => parseRow(line) ?? [])
  const rows: JsonObject[] = []
  const enough = new AbortController()
  const all = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal
  const visit = ({ row }: JsonRow) => {
    if (rows.push(row) === SAMPLED_ROWS && shape === 'stream') enough.abort()
  }
  await readJson(sniff.file, shape, createAccount(), visit, all).catch(error => {
    signal?.throwIfAborted()
    if (!enough.signal.aborted) throw error
  })
  return rows.slice(0, SAMPLED_ROWS)
}
