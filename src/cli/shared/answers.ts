/** Answers of a model as text. */
import { type Command, Option } from 'commander'
import { quoteCell } from '../../dataset/files/text.ts'
import { UsageError } from '../../errors.ts'
import { decimal, signed } from '../../numbers.ts'
import { flagName, type OptionsSchema } from '../../options.ts'
import type { Answer } from '../../serving/answers/schema.ts'
import type { ServingModel } from '../../serving/model/serving-model.ts'
import { shellWord } from '../../shell.ts'
import { type Printed, type SessionFlags, show } from './session.ts'
import { formatTable } from './table.ts'

/** An answer, and whose it is. */
export interface Answered {
  readonly who: string | number
  readonly answer: Answer
}

const formats = ['table', 'json', 'csv', 'latex'] as const

export interface FormatFlags extends SessionFlags {
  readonly format: (typeof formats)[number]
  readonly csvSafe?: boolean
}

export function addFormatFlags(command: Command): Command {
  return command
    .addOption(new Option('--format <name>', 'output format').choices(formats).default('table'))
    .option('--csv-safe', 'CSV for spreadsheets: texts that look like formulas begin with an apostrophe')
    .option('--json', 'the same as --format json')
    .option('--latex', 'the same as --format latex')
}

/** @throws UsageError for flags that say nothing together */
export function checkFormat({ format, csvSafe, json, latex }: FormatFlags): void {
  if (csvSafe && (json || latex || format !== 'csv')) throw new UsageError('--csv-safe goes with --format csv')
}

/** Says of what a model refuses the flag in place of the field. */
export function askModel<T>(flags: OptionsSchema, ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    const field = error instanceof UsageError && 'field' in error ? String(error.field).split('.')[0] : ''
    if (!(field in flags.shape)) throw error
    throw new UsageError(flagName(field) + (error as UsageError).message.slice(field.length), { cause: error })
  }
}

/** Prints answers as `flags` say, and on stderr which model gave them. @param json what takes the place of a table */
export function printAnswers(
  model: ServingModel,
  path: string,
  answered: readonly Answered[],
  json: unknown,
  flags: FormatFlags,
): void {
  const format = flags.json ? 'json' : flags.latex ? 'latex' : flags.format
  const text = format === 'json' ? '' : formatAnswers(answered, format === 'csv' ? 'csv' : 'table', flags.csvSafe)
  sayModel(model, path, { text, json }, { json: format === 'json', latex: format === 'latex' })
}

/** A line for each item of each answer. */
export function formatAnswers(answered: readonly Answered[], how: 'table' | 'csv', safe = false): string {
  const lines = answered.flatMap(({ who, answer: { by, items } }) =>
    items.map((entry, place) => ({ who, by, place: place + 1, ...entry })),
  )
  const [titled, explained] = [lines.some(({ title }) => title), lines.some(({ because }) => because)]
  const worded = lines.some(({ terms }) => terms)
  const header = [
    ...['for', 'by', 'rank', 'item', ...(titled ? ['title'] : []), 'score'],
    ...(explained ? ['because'] : []),
    ...(worded ? ['moved by'] : []),
  ]
  const cells = lines.map(({ who, by, place, item, title = '', score, because = [], terms = [] }) => [
    ...[String(who), by, String(place), String(item), ...(titled ? [title] : []), score.toFixed(4)],
    ...(explained ? [because.slice(0, 3).map(describeReason).join(', ')] : []),
    ...(worded ? [terms.slice(0, 2).map(describeTerm).join('; ')] : []),
  ])
  if (how === 'csv')
    return [header, ...cells]
      .map(row => row.map(text => quoteCell(safe ? withoutFormula(text) : text)).join(','))
      .join('\n')
  const none = answered.filter(({ answer }) => answer.items.length === 0).map(({ who }) => `No items for ${who}.`)
  return [...(cells.length > 0 ? [formatTable(header, cells)] : []), ...none, ...describeUnknown(answered)].join('\n')
}

function describeReason({
  item,
  title,
  contribution,
  weight,
  similarity,
}: NonNullable<Answer['items'][number]['because']>[number]) {
  return `${title ?? item} (${(contribution ?? weight ?? similarity ?? 0).toFixed(2)})`
}

/** "users of both items: closest item (+0.41)" */
function describeTerm({ meaning, contribution }: NonNullable<Answer['items'][number]['terms']>[number]) {
  return `${meaning} (${signed(contribution, value => decimal(value, 2))})`
}

function describeUnknown(answered: readonly Answered[]): string[] {
  const sums = new Map<string, number>()
  for (const { answer } of answered)
    for (const [what, count] of Object.entries(answer.unknown ?? {}))
      sums.set(what, (sums.get(what) ?? 0) + Number(count))
  if (sums.size === 0) return []
  return [`Unknown to the model: ${[...sums].map(([what, count]) => `${count} of ${WHERE[what]}`).join(', ')}.`]
}

const WHERE: Readonly<Record<string, string>> = {
  ...{ user: '--user', history: '--history', exclude: '--exclude', only: '--only', items: 'the items given' },
}

/** RFC 4180 */
/** What OWASP advises against formulas in ids and titles of others; numbers stay numbers. */
function withoutFormula(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text
}

/** Prints what a model answered, and on stderr which model it is. */
export function sayModel(model: ServingModel, path: string, printed: Printed, how: SessionFlags): void {
  show(printed, how)
  const { ann } = model.info
  const approximate = ann ? ` Approximate: recall ${ann.recall.toFixed(3)} of the exact best 20.` : ''
  process.stderr.write(`${describeModel(model, path)}${approximate}\n`)
}

function describeModel({ info: { method, choice, fittedOn, id } }: ServingModel, path: string): string {
  if (fittedOn === 'all') return `Model: ${method}, fitted on all data (${id}).`
  const chosen = choice === undefined ? '' : `, ${choice}`
  const fit = `dualtree fit ${shellWord(path)}${choice === undefined ? ` --method ${shellWord(method)}` : ''}`
  return `Model: ${method}${chosen}, fitted on train alone, without what was held out; "${fit}" fits it on all data.`
}
