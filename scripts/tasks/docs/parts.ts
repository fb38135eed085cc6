/** Writes docs/reference/parts.md from the registries: `npm run docs`. */
import { flagName, type OptionInfo } from '../../../src/options.ts'
import { describePart, type PartInfo } from '../../../src/registry.ts'
import { studies } from '../../../src/research/studies/index.ts'
import { presets } from '../../../src/run/options/presets/index.ts'
import { listParts, type PartKind } from '../../../src/run/parts.ts'

const INTRODUCTIONS: Record<PartKind | 'studies', string> = {
  models: 'Trained embedding models: `--model`.',
  baselines: 'Fitted in one go, rows of every table: `--baselines`. Flags begin with the name (here …).',
  samplers: 'Where negatives come from: `--base-sampler` (base model), `--sampler` (DTL-NS), `--compare` (more rows).',
  objectives: 'The loss: `--objective`.',
  metrics: 'At every cut-off of `--cutoffs`.',
  formats: 'Detected by content; `--format` decides. [What is read](../guide/data.md#what-is-read).',
  features: 'What train says of history and candidate, for the second stage and the judge `learned`.',
  judges:
    'Which candidates are false negatives: `--judge`. Options of [language models](../guide/llm-judging.md) and of [`gguf`](../guide/gguf.md).',
  studies:
    '`dualtree study <name> <data>`, with the options of a run and its own (`--help`): [guide](../guide/studies.md).',
}

/** Kinds whose formulas come from papers; of the others `dualtree list` has the source. */
const CITED = ['models', 'baselines', 'samplers', 'objectives']

export function partsDoc(): string {
  const kinds = { ...listParts(), studies: studies.parts.map(describePart) }
  const sections = Object.entries(kinds).map(([kind, parts]) => section(kind as keyof typeof kinds, parts))
  return [
    '# Parts',
    'Options are below their parts, with default (then other choices) and meaning. `dualtree list` adds ranges, full help, papers and\n' +
      'differences from them (†). In a program, `--learning-rate` is `learningRate`.',
    '<!-- Made by npm run docs from the registries. -->',
    ...sections,
    presetSection(),
    '',
  ].join('\n\n')
}

function section(kind: PartKind | 'studies', parts: readonly PartInfo[]): string {
  const shown = kind === 'studies' ? [] : parts
  const options = shown.flatMap(part => part.options.map(option => ({ part: part.name, option })))
  // what several parts declare alike stands once
  const alike = [...Map.groupBy(options, ({ option }) => JSON.stringify(option)).values()]
  const groups = Map.groupBy(alike, same =>
    same.length === parts.length ? '' : same.map(({ part }) => part).join(', '),
  )
  const rowsOf = (owners: string, group: typeof alike) =>
    group.map(([{ option }]) => optionRow(option, kind === 'baselines' ? (owners.includes(',') ? '…' : owners) : ''))
  const all = [...groups].map(([owners, group]) => ({ owners, rows: rowsOf(owners, group) }))
  const widths = WIDTHS.map((most, column) =>
    Math.min(most, Math.max(...all.flatMap(({ rows }) => rows.map(row => row[column].length)))),
  )
  const blocks = all.map(({ owners, rows }) => {
    const isExplained = GUIDED.some(name => owners.split(', ').includes(name))
    const lines = isExplained ? flowing(rows) : rows.map(row => `  ${aligned(row, widths)}`)
    return [...(owners ? [`${owners}:`] : []), ...lines].join('\n')
  })
  return [
    `## ${kind[0].toUpperCase()}${kind.slice(1)}`,
    INTRODUCTIONS[kind],
    kind === 'formats'
      ? parts.map(({ name }) => `\`${name}\``).join(' · ')
      : list(parts.map(part => partLine(part, CITED.includes(kind)))),
    ...(blocks.length ? [fenced(blocks.join('\n'))] : []),
  ].join('\n\n')
}

function partLine({ name, summary, source }: Pick<PartInfo, 'name' | 'summary' | 'source'>, isCited = true): string {
  const said = `\`${name}\`: ${summary.replace(/\.?$/, '.')}`
  return isCited ? `${said} *${paperOf(source).replaceAll('*', '\\*')}*` : said
}

/** Where to find the paper, the first of several; † for what differs from it. */
function paperOf(source: string): string {
  const [cited] = source.replace(/(?<=[\p{L}.])[,:] "[^"]+"(?=,)/gu, '').split('; ')
  const mark = source.includes('; differs: ') ? '†' : ''
  const paper = /(arXiv|doi) ([\w./]+)/.exec(cited)
  return (paper ? `${paper[1]}:${paper[2]}` : cited) + mark
}

/** Characters, at most, of flag and default. */
const WIDTHS = [31, 18]

/**
 * Flag, default, meaning.
 * @param prefix of the flag: the name of a baseline, … for several
 */
function optionRow(option: OptionInfo, prefix: string): string[] {
  const flag = flagName(option.name)
  const shown = prefix === '' ? flag : `--${prefix}-${flag.slice(2)}`
  return [shown, standardOf(option), beginning(option.help)]
}

/** Parts whose options a guide explains: here they have no meaning beside them. */
const GUIDED = ['chat', 'gguf']

/** Flags with their defaults, several in a line. */
function flowing(rows: readonly (readonly string[])[]): string[] {
  const lines: string[] = ['']
  for (const [flag, standard] of rows) {
    const shown = `  ${flag}${standard && ` ${standard}`}`
    if (lines[lines.length - 1].length + shown.length > 110) lines.push('')
    lines[lines.length - 1] += shown
  }
  return lines
}

const aligned = (row: readonly string[], widths: readonly number[]) =>
  row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd() // biome-ignore format: one line

/** Of a long help text the first clause, and no condition before it. */
function beginning(help: string): string {
  const clauses = help.replace(/^with --[\w-]+: /, '').split(/[;:] /)
  const isWhole = clauses[0].split(' ').length > 2 && clauses[0].split('(').length === clauses[0].split(')').length
  return isWhole ? clauses[0] : clauses.join(': ')
}

/** The default, with its unit where the help has none, and what else can be chosen. */
function standardOf({ default: standard, choices = [], unit, help }: OptionInfo): string {
  const typed = Array.isArray(standard) ? standard.join(',') : standard
  const shown = typed === undefined || typed === '' || typed === false ? '' : `${typed}`
  if (choices.length > 0) return [shown, ...choices.filter(choice => choice !== standard)].join('|')
  return shown && unit && /^\w+$/.test(unit) && !help.includes(unit) ? `${shown} ${unit}` : shown
}

const presetSection = () =>
  [
    '## Presets',
    'Sets of options, which `dualtree list` prints: `--preset`; a flag beside it wins.',
    list(presets.parts.map(preset => partLine(preset, preset.source.startsWith('arXiv')))),
  ].join('\n\n')

const list = (lines: readonly string[]) => lines.map(line => `- ${line}`).join('\n')
const fenced = (text: string) => `\`\`\`text\n${text}\n\`\`\``
