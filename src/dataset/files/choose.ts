/** Which files of a folder hold interactions, where their names do not say so: known by the columns that they name. */
import { basename } from 'node:path'
import { isUsualName } from '../columns/names.ts'
import { sniffFile } from '../formats/format.ts'
import { parseRow, shapeOfJson } from '../formats/json/values.ts'
import { findLayout } from '../formats/tables/layout.ts'
import { isParquet } from './containers.ts'
import type { DataFile } from './disk.ts'
import { pathLiteral, withDatabase } from './duckdb.ts'

/** Files that are read as one table, and a sentence on why; or what could help to choose. */
export type Choice =
  | { readonly files: readonly DataFile[]; readonly note: string }
  | { readonly files?: undefined; readonly hint: string }

/** Names that interactions have, where several files name users and items. */
const USUAL_FILE =
  /rating|interaction|transaction|event|purchase|click|visit|checkin|play|listen|review|history|behaviou?r/i

export async function chooseFiles(files: readonly DataFile[]): Promise<Choice> {
  const tables = await Promise.all(files.map(async file => ({ file, names: await namesOf(file) })))
  const has = (names: readonly string[], role: 'user' | 'item') => names.some(name => isUsualName(name, role))
  const filled = tables.filter(({ names }) => names.length > 0)
  const complete = filled.filter(({ names }) => has(names, 'user') && has(names, 'item'))
  const labels = (some: typeof tables) => some.map(({ file }) => file.label).join(', ')
  const kinds = Map.groupBy(complete, ({ names }) => names.join('\n').toLowerCase())
  const named = [...kinds.values()].filter(([{ file }]) => USUAL_FILE.test(basename(file.label)))
  // where no file names its columns, a name such as ratings.dat has to do
  const called = complete.length === 0 ? tables.filter(({ file }) => USUAL_FILE.test(basename(file.label))) : []
  const chosen = kinds.size === 1 ? complete : named.length === 1 ? named[0] : called.length === 1 ? called : undefined
  if (chosen) {
    const others = tables.filter(table => !chosen.includes(table))
    const isAll = others.every(({ file }) => file.bytes === 0)
    const why =
      chosen === called ? 'is called so' : chosen.length > 1 ? 'have the same columns' : 'names users and items'
    return {
      files: chosen.map(({ file }) => file),
      note: isAll
        ? `${labels(chosen)} ${why}: read as one table.`
        : `${labels(chosen)} ${why}, and ${chosen.length > 1 ? 'are' : 'is'} read; not ${labels(others)} (a guess: a path names another file).`,
    }
  }
  if (complete.length > 1) return { hint: `users and items are named by ${labels(complete)}` }
  const [users, items] = (['user', 'item'] as const).map(role => filled.find(({ names }) => has(names, role)))
  return {
    hint:
      users && items ? `${users.file.label} names users and ${items.file.label} items: join them into one file` : '',
  }
}

/** The columns of a file; none where it names none. */
async function namesOf(file: DataFile): Promise<readonly string[]> {
  if (file.bytes === 0) return []
  // in any encoding: what is read of it later is decided there
  const sniff = await sniffFile(file).catch(() => sniffFile({ ...file, encoding: 'windows-1252' }))
  if (isParquet(sniff.head)) {
    const from = `read_parquet(${pathLiteral(file.path)})`
    const described = await withDatabase(undefined, database => database.describe(from)).catch(() => [])
    return described.map(([name]) => name)
  }
  if (shapeOfJson(sniff) === 'lines') {
    const row = sniff.lines.map(parseRow).find(own => own !== undefined)
    return row && !Array.isArray(row) ? Object.keys(row) : []
  }
  const layout = findLayout(sniff.text, [',', '\t', ';', '|', '::'], {}, sniff.extension)
  return layout?.hasHeader ? layout.names : []
}
