/** Writes docs/reference/parts.md from the registries: `npm run docs`. */
import type { OptionInfo } from '../../../src/options.ts'
import { describePart, type PartInfo } from '../../../src/registry.ts'
import { studies } from '../../../src/research/studies/index.ts'
import { presets } from '../../../src/run/options/presets/index.ts'
import { listParts, type PartKind } from '../../../src/run/parts.ts'

const INTRODUCTIONS: Record<PartKind | 'studies', string> = {
  models: 'Embedding models, which are trained. Chosen with `--model`.',
  baselines:
    'Fitted in one go and in every table. Chosen with `--baselines`. An option of a baseline has its name in front on the command line, such as `--ease-regularization`.',
  samplers:
    'Where negatives come from. `--base-sampler` is for the base model, `--sampler` for DTL-NS, `--compare` for more rows of the table.',
  objectives: 'The loss. Chosen with `--objective`.',
  metrics: 'What is measured of a ranking. All metrics are computed at every cut-off of `--cutoffs`.',
  formats: 'How a file of interactions is read. The format is detected by content, or given with `--format`.',
  features:
    'What train says of a history and a candidate, for the second stage of a ranking and the learned judge. What needs an order, vectors or trees is left out where there are none.',
  judges: 'Who says which candidates are false negatives. Chosen with `--judge`.',
  studies:
    'Many runs that answer one question: `dualtree study <name> <data>`, see [studies](../guide/studies.md). Every study also has `--on` and `--metric`, and takes the options of a run.',
}

export function partsDoc(): string {
  const kinds = { ...listParts(), studies: studies.parts.map(describePart) }
  const sections = Object.entries(kinds).map(([kind, parts]) => section(kind as keyof typeof kinds, parts))
  return [
    '# Parts',
    'All parts, with sources and options. `dualtree list` prints the same, `dualtree list --json` as data.',
    '<!-- Made by npm run docs from the registries. -->',
    ...sections,
    presetSection(),
    '',
  ].join('\n\n')
}

function section(kind: PartKind | 'studies', parts: readonly PartInfo[]): string {
  const rows = parts.map(({ name, summary, source }) => [`\`${name}\``, summary, source])
  const options = parts.flatMap(part => part.options.map(option => ({ part: part.name, cells: optionCells(option) })))
  // what several parts declare alike stands once
  const rowsOfOptions = [...Map.groupBy(options, ({ cells }) => cells.join('|')).values()].map(same => [
    same.map(({ part }) => `\`${part}\``).join(', '),
    ...same[0].cells,
  ])
  return [
    `## ${kind[0].toUpperCase()}${kind.slice(1)}`,
    INTRODUCTIONS[kind],
    table(['name', 'what it does', 'source'], rows),
    options.length
      ? table(['of', 'option', 'meaning', 'default', 'range', 'unit'], rowsOfOptions)
      : `None of the ${kind} has options.`,
  ].join('\n\n')
}

function presetSection(): string {
  const rows = presets.parts.map(({ name, summary, source }) => [`\`${name}\``, summary, source])
  const values = presets.parts.flatMap(({ name, values }) =>
    Object.entries(values).map(([key, value]) => [`\`${name}\``, `\`${key}\``, `\`${JSON.stringify(value)}\``]),
  )
  return [
    '## Presets',
    'Named sets of option values. Chosen with `--preset`; a flag beside it wins.',
    table(['name', 'what it does', 'source'], rows),
    table(['preset', 'option', 'value'], values),
  ].join('\n\n')
}

function optionCells({ name, help, default: standard, unit, ...option }: OptionInfo): string[] {
  return [
    `\`${name}\``,
    help,
    standard === undefined ? '' : `\`${JSON.stringify(standard)}\``,
    rangeOf(option),
    unit ?? '',
  ]
}

function rangeOf({
  type,
  minimum,
  maximum,
  choices,
}: Pick<OptionInfo, 'type' | 'minimum' | 'maximum' | 'choices'>): string {
  if (choices) return choices.map(choice => `\`${choice}\``).join(', ')
  const kind = type === 'array' ? 'list' : type
  if (minimum !== undefined && maximum !== undefined) return `${kind}, ${minimum} to ${maximum}`
  if (minimum !== undefined) return `${kind}, at least ${minimum}`
  return maximum === undefined ? kind : `${kind}, at most ${maximum}`
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}
