/** Writes docs/reference/parts.md from the registries: `npm run docs`. */
import { flagName, type OptionInfo } from '../../../src/options.ts'
import { describePart, type PartInfo } from '../../../src/registry.ts'
import { studies } from '../../../src/research/studies/index.ts'
import { presets } from '../../../src/run/options/presets/index.ts'
import { listParts, type PartKind } from '../../../src/run/parts.ts'

const INTRODUCTIONS: Record<PartKind | 'studies', string> = {
  models: 'Embedding models, which are trained: `--model`.',
  baselines:
    'Fitted in one go, and rows of every table: `--baselines`. Their flags begin with the name of the baseline.',
  samplers:
    'Where negatives come from: `--base-sampler` for the base model, `--sampler` for DTL-NS, `--compare` for more rows.',
  objectives: 'The loss: `--objective`.',
  metrics: 'Computed at every cut-off of `--cutoffs`.',
  formats: 'Detected by content, or given with `--format`.',
  features:
    'What train says of a history and a candidate, for the second stage and the judge `learned`. What needs an order, vectors or trees is left out where there are none.',
  judges: 'Who says which candidates are false negatives: `--judge`.',
  studies:
    '`dualtree study <name> <data>`, with the options of a run, `--on` and `--metric`: [guide](../guide/studies.md).',
}

export function partsDoc(): string {
  const kinds = { ...listParts(), studies: studies.parts.map(describePart) }
  const sections = Object.entries(kinds).map(([kind, parts]) => section(kind as keyof typeof kinds, parts))
  return [
    '# Parts',
    '`dualtree list` has the same with whole help texts, the titles of the papers, and what differs from them (†); `--json` gives it as data. In brackets after an option: its default, its range ' +
      '(whole numbers, unless the bounds have a decimal point) and whose it is, where not all parts of the kind have it. ' +
      'In a program, `--learning-rate` is `learningRate`.',
    '<!-- Made by npm run docs from the registries. -->',
    ...sections,
    presetSection(),
    '',
  ].join('\n\n')
}

function section(kind: PartKind | 'studies', parts: readonly PartInfo[]): string {
  const options = parts.flatMap(part => part.options.map(option => ({ part: part.name, option })))
  // what several parts declare alike stands once
  const alike = [...Map.groupBy(options, ({ option }) => JSON.stringify(option)).values()]
  const lines = alike.map(same => {
    const owners = same.map(({ part }) => part)
    return optionLine(same[0].option, owners, owners.length === parts.length, kind === 'baselines')
  })
  return [
    `## ${kind[0].toUpperCase()}${kind.slice(1)}`,
    INTRODUCTIONS[kind],
    list(parts.map(partLine)),
    ...(lines.length ? ['Options:', list(lines)] : []),
  ].join('\n\n')
}

const partLine = ({ name, summary, source }: Pick<PartInfo, 'name' | 'summary' | 'source'>) =>
  `\`${name}\`: ${summary.replace(/\.?$/, '.')} *${withoutTitle(source).replaceAll('*', '\\*')}*`

/** Where a paper has authors and a place, its title says nothing more; † for what differs from it. */
const withoutTitle = (source: string) =>
  source.replace(/(?<=[\p{L}.])[,:] "[^"]+"(?=,)/gu, '').replace(/; differs: .*$/, '†')

function optionLine(option: OptionInfo, owners: readonly string[], isOfAll: boolean, isPrefixed: boolean): string {
  const flag = flagName(option.name)
  const shown = isPrefixed ? `--${owners.length === 1 ? owners[0] : '…'}-${flag.slice(2)}` : flag
  const isNamed = isOfAll || (isPrefixed && owners.length === 1)
  const facts = [standardOf(option), rangeOf(option), isNamed ? '' : owners.map(name => `\`${name}\``).join(' ')]
  const said = facts.filter(fact => fact !== '').join('; ')
  return `\`${shown}\`${said && ` (${said})`}: ${beginning(option.help)}`
}

/** Of a long help text what stands before its first semicolon, where that is a clause of its own. */
function beginning(help: string): string {
  const [first] = help.split('; ')
  const isWhole = first.split(' ').length > 2 && first.split('(').length === first.split(')').length
  return isWhole && help.split(' ').length > 12 ? first : help
}

function standardOf({ default: standard }: OptionInfo): string {
  const typed = Array.isArray(standard) ? standard.join(',') : standard
  return typed === undefined || typed === '' || typed === false ? '' : `\`${typed}\``
}

function rangeOf({ type, minimum, maximum, choices, unit, default: standard }: OptionInfo): string {
  if (choices) return choices.filter(choice => choice !== standard).map(choice => `\`${choice}\``).join(' ') // biome-ignore format: one line
  const bound = (value: number) => (type === 'number' && Number.isInteger(value) ? `${value}.0` : `${value}`)
  const range =
    minimum !== undefined && maximum !== undefined
      ? `${bound(minimum)}–${bound(maximum)}`
      : minimum === undefined
        ? ''
        : `≥ ${bound(minimum)}`
  return [range, unit].filter(Boolean).join(' ')
}

function presetSection(): string {
  const lines = presets.parts.map(preset => {
    const flags = Object.entries(preset.values).map(([key, value]) => `${flagName(key)}=${value}`)
    return `${partLine(preset)}\n  \`${flags.join(' ')}\``
  })
  return ['## Presets', 'Sets of options: `--preset`; a flag beside it wins.', list(lines)].join('\n\n')
}

const list = (lines: readonly string[]) => lines.map(line => `- ${line}`).join('\n')
