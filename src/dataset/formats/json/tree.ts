/** The rows of one JSON object: a list in it, columns, or users with their items. */
import { isUsualName, namesUserAndItem } from '../../columns/names.ts'

export type JsonObject = Record<string, unknown>

/** Whether an object is a whole file rather than a row. */
export function looksLikeTree(value: JsonObject): boolean {
  if (Object.entries(value).some(([name, inner]) => typeof inner !== 'object' && isUsualName(name, 'user')))
    return false
  return (
    isMap(value) ||
    listsIn(value).length > 0 ||
    (rowsByName(value) ?? columnsOf(value) ?? ratingsOf(value)) !== undefined
  )
}

/** The longest list of objects in an object; or its lists as columns; or its keys as users, and their lists as items. */
export function rowsOfTree(tree: JsonObject): JsonObject[] {
  const lists = listsIn(tree)
  const keys = Object.keys(tree)
  // users with lists of objects, unless the keys are names of things
  if (keys.length > 1 && lists.length === keys.length && !keys.some(key => /^[a-z_]+$/i.test(key)))
    return Object.entries(tree).flatMap(([user, rows]) => (rows as JsonObject[]).map(row => ({ user, ...row })))
  const complete = lists.find(([row]) => namesUserAndItem(Object.keys(row))) // biome-ignore format: one line
  const chosen = complete ?? lists.sort((a, b) => b.length - a.length)[0]
  const names = Array.isArray(chosen?.[0]) ? namesIn(tree, chosen[0].length) : undefined
  if (chosen) return chosen.map(row => (names ? Object.fromEntries(names.map((name, at) => [name, row[at]])) : { ...row })) // biome-ignore format: one line
  const rows = rowsByName(tree) ?? columnsOf(tree) ?? ratingsOf(tree)
  if (rows) return rows
  return isMap(tree)
    ? Object.entries(tree).flatMap(([user, items]) => (items as unknown[]).map(item => ({ user, item })))
    : [tree]
}

/** Lists of objects in an object, or in objects in it. */
function listsIn(tree: JsonObject, depth = 0): JsonObject[][] {
  return Object.values(tree).flatMap(inner => {
    if (typeof inner !== 'object' || inner === null) return []
    if (!Array.isArray(inner)) return depth < 3 ? listsIn(inner as JsonObject, depth + 1) : []
    return typeof inner[0] === 'object' && inner[0] !== null ? [inner as JsonObject[]] : []
  })
}

/** The names of columns that stand beside rows without names, as texts or as objects with a name each. */
function namesIn(tree: JsonObject, width: number): string[] | undefined {
  for (const [key, inner] of Object.entries(tree)) {
    if (typeof inner !== 'object' || inner === null) continue
    const names = Array.isArray(inner) ? inner.map(entry => entry?.name ?? entry) : []
    const areNames = names.length === width && names.every(name => typeof name === 'string')
    if (areNames && (/^(columns|cols|fields|header|names|meta|schema)$/i.test(key) || namesUserAndItem(names))) return names // biome-ignore format: one line
    const deeper = Array.isArray(inner) ? undefined : namesIn(inner as JsonObject, width)
    if (deeper) return deeper
  }
  return
}

function isUserOrItem(name: string): boolean {
  return isUsualName(name, 'user') || isUsualName(name, 'item')
}

/** Users with lists of their items. */
function isMap(tree: JsonObject): boolean {
  const names = Object.keys(tree)
  const lists = Object.values(tree).every(inner => Array.isArray(inner) && typeof inner[0] !== 'object')
  return lists && names.length > 1 && !names.some(isUserOrItem)
}

/** Rows under a name or number each, perhaps deeper: an index of pandas, keys of a document store. */
function rowsByName(tree: JsonObject, depth = 0): JsonObject[] | undefined {
  const rows = Object.values(tree)
  const isObject = (row: unknown): row is JsonObject => typeof row === 'object' && row !== null && !Array.isArray(row)
  if (rows.length > 1 && rows.every(row => isObject(row) && namesUserAndItem(Object.keys(row))))
    return rows as JsonObject[]
  if (depth === 3) return
  for (const row of rows.length < 20 ? rows : []) {
    const found = isObject(row) ? rowsByName(row, depth + 1) : undefined
    if (found) return found
  }
  return
}

/** Users with their ratings of items: { u1: { i1: 5 } }. */
function ratingsOf(tree: JsonObject): JsonObject[] | undefined {
  const users = Object.entries(tree)
  const areRatings = (inner: unknown): inner is JsonObject =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) && Object.values(inner).every(value => typeof value === 'number') // biome-ignore format: one line
  if (users.length < 2 || users.some(([name]) => isUserOrItem(name)) || !users.every(([, inner]) => areRatings(inner))) return // biome-ignore format: one line
  return users.flatMap(([user, inner]) => Object.entries(inner as JsonObject).map(([item, rating]) => ({ user, item, rating }))) // biome-ignore format: one line
}

/** Columns of one length, as pandas writes them: lists, or objects with the numbers of the rows as keys. */
function columnsOf(tree: JsonObject): JsonObject[] | undefined {
  const names = Object.keys(tree)
  const columns = Object.values(tree)
  if (names.length < 2 || !columns.every(inner => typeof inner === 'object' && inner !== null)) return
  // users with as many items each: their names are no words, or more than a table has columns
  const areUsers = !names.some(name => /[a-z]/i.test(name)) || (names.length > 8 && !names.some(isUserOrItem))
  if (columns.every(Array.isArray) && areUsers) return
  const keys = Object.keys(columns[0] as JsonObject)
  const alike = columns.every(inner => Object.keys(inner as JsonObject).length === keys.length)
  if (!alike || keys.length < 2 || !keys.every(key => /^\d+$/.test(key))) return
  return keys.map(key => Object.fromEntries(names.map((name, at) => [name, (columns[at] as JsonObject)[key]])))
}
