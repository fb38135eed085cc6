/** Tables of text with one row a line and a separator between the fields: what csv and tsv share. */
import { z } from 'zod'
import { DataError } from '../../errors.ts'
import { areLabelled, listEntries } from '../columns/collect.ts'
import { type ChosenColumns, type ColumnWishes, chooseByName } from '../columns/columns.ts'
import { BY_PLACE, describeColumns } from '../columns/describe.ts'
import { chooseByPosition } from '../columns/places.ts'
import { createAccount, type Rows, tally } from '../columns/rows.ts'
import { quote } from '../files/text.ts'
import { readFields } from '../filters/where.ts'
import { foreignText } from './foreign.ts'
import { defineFormat, type FormatDefinition, type ReadRequest, type Sniff } from './format.ts'
import { findLayout, type Layout } from './tables/layout.ts'
import { readRecords } from './tables/records.ts'
import { holdsListsOfTexts, stepOverPlaces } from './words.ts'

const SEPARATOR_WORDS: Record<string, string> = { '\t': 'tab', ' ': 'space', '\u0001': 'control-A' }

/** A table that most lines agree on; one row in ten may be broken, and is refused then. */
const AGREEMENT = 0.75

export function defineDelimited(settings: {
  name: string
  summary: string
  source: string
  separators: readonly string[]
  accepts(layout: Layout, sniff: Sniff): boolean
}): FormatDefinition {
  const { separators, accepts, ...part } = settings
  return defineFormat({
    ...part,
    options: z.object({}),
    detect(sniff) {
      const layout = findLayout(sniff.text, separators, {}, sniff.extension)
      if (!layout || holdsListsOfTexts(sniff) || foreignText(sniff)) return
      if ((layout.agreement < AGREEMENT && !layout.hasHeader) || !accepts(layout, sniff)) return
      return `its rows have ${layout.width} fields separated by ${describeSeparator(layout.dialect.separator)}`
    },
    async read(request) {
      const { sniff, wishes } = request
      const layout = findLayout(sniff.text, separators, wishes, sniff.extension)
      if (layout) return readDelimited(request, layout, separators)
      const words = separators.map(describeSeparator).join(', ')
      throw new DataError(
        `${sniff.file.label} line 1: expected fields separated by ${words}, found one column; give --format`,
      )
    },
  })
}

function describeSeparator(separator: string): string {
  return SEPARATOR_WORDS[separator] ?? `"${separator}"`
}

function readDelimited(request: ReadRequest, layout: Layout, separators: readonly string[]): Promise<Rows> {
  const { sniff, beside = [], wishes, signal, decide } = request
  const { label } = sniff.file
  const others = beside
    .filter(other => other !== sniff)
    .flatMap(other => findLayout(other.text, separators, wishes, other.extension) ?? [])
  const alike = others.filter(
    ({ width, dialect }) => width === layout.width && dialect.separator === layout.dialect.separator,
  )
  const headed = layout.hasHeader ? layout : alike.find(({ hasHeader }) => hasHeader)
  const names = headed ? headed.names : layout.names
  const place = `${label} line ${layout.firstLine}`
  const files = [layout, ...alike].map(({ samples }) => samples)
  const hint = ', or by position ("0" for the first) if the file has no header'
  const columnsChosen = headed
    ? chooseByName(names, wishes, place, headed.samples, hint)
    : chooseByPosition(names.length, files, wishes, place)
  const chosen = withLabels(columnsChosen, layout.samples, wishes)
  refuseNestedTexts(chosen, names, layout.samples, label)
  const short = layout.unnamed ? ` with a name too few (none for the ${layout.unnamed} column)` : ''
  const header = layout.hasHeader
    ? `a header${short}`
    : headed
      ? 'no header (columns as in the file beside it)'
      : 'no header'
  const columns = describeColumns(chosen, names, layout.samples, wishes, headed || names.length === 2 ? '' : BY_PLACE)
  decide(`${label}: separator ${describeSeparator(layout.dialect.separator)}, ${header}; columns ${columns}.`)
  if (chosen.labelled)
    decide(
      `${label}: entries of column "${names[chosen.item]}" end in -0 or -1, which is read as the kind of event; --event-column none keeps it in the id.`,
    )
  const account = createAccount()
  for (const { what, line, text } of layout.preamble) tally(account.skipped, what, `line ${line}`, () => quote(text))
  return readFields(request, chosen, names, account, keep => readRecords(sniff.file, layout, account, keep, signal))
}

/** Impressions, "N4-1 N5-0": what ends each entry is the kind of event, unless a column is named or none is wanted. */
function withLabels(chosen: ChosenColumns, samples: Layout['samples'], wishes: ColumnWishes): ChosenColumns {
  const { item, event, paths } = chosen
  if (paths?.item !== '[]' || event !== undefined || wishes.event !== undefined) return chosen
  return areLabelled(samples.map(fields => fields[item] ?? '')) ? { ...chosen, event: item, labelled: true } : chosen
}

/** @throws DataError for ids that are written-out lists or objects */
function refuseNestedTexts(
  chosen: ChosenColumns,
  names: readonly string[],
  samples: Layout['samples'],
  label: string,
): void {
  for (const role of ['user', 'item'] as const) {
    const name = names[chosen[role]]
    const values = samples.map(fields => fields[chosen[role]] ?? '')
    const written = values.filter(text => /^(\[.*\]|\{.*[:,'"].*\}|\{\})$/s.test(text))
    const nested = written.length > 0 ? written : listsAmong(values)
    if (chosen.paths?.[role] !== undefined || 2 * nested.length <= samples.length) continue
    // {1,8} is an array of PostgreSQL, or a set of Python
    const isList = !/^\{(.*:.*)?\}$/s.test(nested[0])
    throw new DataError(
      `${label}: column "${name}" holds ${isList ? 'lists' : 'objects'} such as ${quote(nested[0])}; ` +
        (isList
          ? `a row for each entry is made by --${role} "${name}[]"`
          : 'write the field inside as a column of its own'),
    )
  }
}

/** Texts of several ids, such as "i4 i7 i9": told from names with blanks by the digits, and by ids that stand at several places. */
function listsAmong(values: readonly string[]): string[] {
  const lists = values.map(listEntries)
  const areIds = lists.every(entries => entries.every(entry => /\d/.test(entry) && /^[\w.:-]+$/.test(entry)))
  return areIds && stepOverPlaces(lists) ? values.filter((_, row) => lists[row].length > 1) : []
}
