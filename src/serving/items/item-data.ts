/** A table of items joined to those of a model: titles, attributes, and what nobody has interacted with yet. */
import { type ExternalId, sortIds, type Vocabulary } from '../../dataset/dataset.ts'
import { type ItemTable, type ItemValue, titleColumn } from '../../dataset/items/table.ts'
import type { CsrPattern } from '../../kernels/interface/kernels.ts'
import type { AttributeColumn } from './attributes.ts'
import { attributeNeighbors } from './cold-items.ts'

export interface ItemData {
  /** along the model's items, then the cold ones */
  readonly titles?: readonly string[]
  readonly attributes: readonly AttributeColumn[]
  /** ascending */
  readonly cold: readonly ExternalId[]
  /** the model's items that each cold one is placed by */
  readonly neighbors: CsrPattern
  /** of the table, with nothing to place them by; ascending */
  readonly notRecommendable: readonly ExternalId[]
  /** items of the model that the table does not have */
  readonly missing: number
}

/** @param wantedTitle column of titles; one of the usual names when absent */
export function joinItems(table: ItemTable, known: Vocabulary, wantedTitle?: string): ItemData {
  const rowById = new Map(table.ids.map((id, row) => [id, row]))
  const others = sortIds(asIds(table.ids.filter(id => known.indexOf(id) < 0)))
  const rowsOf = (ids: readonly ExternalId[]) => ids.map(id => rowById.get(String(id)) ?? -1)
  const [warmRows, otherRows] = [rowsOf(known.ids), rowsOf(others)]
  const title = titleColumn(table, wantedTitle)
  const named = table.columns.filter(column => column !== title)
  const along = (rows: readonly number[]) =>
    named.map(({ name, type, values }) => ({ name, type, values: rows.map(row => (row < 0 ? null : values[row])) }))
  const everyRow = [...warmRows, ...otherRows]
  const near = attributeNeighbors(along(everyRow), known.ids.length, everyRow.length)
  const placed = others.map((_, at) => near.offsets[at + 1] > near.offsets[at])
  const rows = [...warmRows, ...otherRows.filter((_, at) => placed[at])]
  return {
    ...(title && { titles: rows.map(row => textOf(row < 0 ? null : title.values[row])) }),
    attributes: along(rows),
    cold: others.filter((_, at) => placed[at]),
    neighbors: {
      offsets: near.offsets.filter((end, at) => at === 0 || end > near.offsets[at - 1]),
      indices: near.indices,
    },
    notRecommendable: others.filter((_, at) => !placed[at]),
    missing: warmRows.filter(row => row < 0).length,
  }
}

const textOf = (value: ItemValue) => (value === null ? '' : String(value))

/** Integers where all texts are their one spelling, else texts. */
function asIds(texts: readonly string[]): ExternalId[] {
  const numbers = texts.map(Number)
  return numbers.every((number, at) => Number.isSafeInteger(number) && String(number) === texts[at])
    ? numbers
    : [...texts]
}
