import type { Command } from 'commander'
import { UsageError } from '../../errors.ts'
import { baselineKey } from '../../models/baselines/baseline.ts'
import { didYouMean } from '../../nearest.ts'
import { describeRange, flagName, type OptionInfo } from '../../options.ts'
import { describePart } from '../../registry.ts'
import { studies } from '../../research/studies/index.ts'
import { presets } from '../../run/options/presets/index.ts'
import { listParts } from '../../run/parts.ts'
import { type SessionFlags, show } from '../shared/session.ts'

export function configure(command: Command): void {
  const parts = { ...listParts(), studies: studies.parts.map(describePart) }
  const all = { ...parts, presets: presets.parts }
  command
    .argument('[kinds...]', `${Object.keys(all).join(', ')}; all when absent`)
    .option('--json', 'print one JSON document on stdout')
    .action((kinds: string[], flags: SessionFlags) => {
      const known = Object.keys(all)
      for (const kind of kinds)
        if (!known.includes(kind))
          throw new UsageError(`unknown kind "${kind}": known are ${known.join(', ')}${didYouMean(kind, known)}`)
      const wanted = (kind: string) => kinds.length === 0 || kinds.includes(kind)
      const named = presets.parts.map(({ values, ...preset }) => ({
        ...preset,
        lines: Object.entries(values).map(([key, value]) => `${flagName(key)} ${value}`),
      }))
      const sections = Object.entries(parts).map(
        ([kind, entries]) =>
          [
            kind,
            entries.map(({ options, ...part }) => ({
              ...part,
              lines: options.map(option => describeOption(option, flagOf(kind, part.name, option.name))),
            })),
          ] as const,
      )
      const text = [...sections, ['presets', named] as const]
        .filter(([kind]) => wanted(kind))
        .map(([kind, entries]) => [kind, ...entries.map(describe)].join('\n'))
      show(
        { text: text.join('\n\n'), json: Object.fromEntries(Object.entries(all).filter(([kind]) => wanted(kind))) },
        flags,
      )
    })
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
