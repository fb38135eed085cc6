/** All parts there are, in words and as data: what `dualtree list` prints, and what the build writes for it. */
import { baselineKey } from '../../models/baselines/baseline.ts'
import { describeRange, flagName, type OptionInfo } from '../../options.ts'
import { describePart } from '../../registry.ts'
import { studies } from '../../research/studies/index.ts'
import { presets } from '../../run/options/presets/index.ts'
import { listParts } from '../../run/parts.ts'

export interface ListedKind {
  readonly kind: string
  readonly text: string
  readonly json: unknown
}

export function listing(): ListedKind[] {
  const parts = { ...listParts(), studies: studies.parts.map(describePart) }
  const lists = Object.entries(parts).map(([kind, entries]) => ({
    kind,
    json: entries,
    entries: entries.map(({ options, ...part }) => ({
      ...part,
      lines: options.map(option => describeOption(option, flagOf(kind, part.name, option.name))),
    })),
  }))
  const named = presets.parts.map(({ values, ...preset }) => ({
    ...preset,
    lines: Object.entries(values).map(([key, value]) => `${flagName(key)} ${value}`),
  }))
  return [...lists, { kind: 'presets', json: presets.parts, entries: named }].map(({ kind, json, entries }) => ({
    ...{ kind, json },
    text: [kind, ...entries.map(describe)].join('\n'),
  }))
}

interface Entry {
  readonly name: string
  readonly summary: string
  readonly source: string
  readonly lines: readonly string[]
}

function describe({ name, summary, source, lines }: Entry): string {
  return [`  ${name}`, ...[summary, source, ...lines].map(line => `      ${line}`)].join('\n')
}

function describeOption(option: OptionInfo, flag: string): string {
  const range = describeRange(option)
  return `${flag}: ${option.help}${range ? ` (${range})` : ''}`
}

/** As it is typed; a format's options are for the library alone. */
function flagOf(kind: string, part: string, option: string): string {
  if (kind === 'formats') return option
  return flagName(kind === 'baselines' ? baselineKey(part, option) : option)
}
