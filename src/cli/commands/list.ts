import type { Command } from 'commander'
import { describeRange, type OptionInfo } from '../../options.ts'
import { describePart } from '../../registry.ts'
import { studies } from '../../research/studies/index.ts'
import { presets } from '../../run/options/presets/index.ts'
import { listParts } from '../../run/parts.ts'
import { type SessionFlags, show } from '../session.ts'

export function configure(command: Command): void {
  command.option('--json', 'print one JSON document on stdout').action((flags: SessionFlags) => {
    const parts = { ...listParts(), studies: studies.parts.map(describePart) }
    const sections = Object.entries(parts).map(([kind, entries]) => {
      const lines = entries.map(({ name, summary, source, options }) => {
        const details = [`      ${source}`, ...options.map(option => `      ${describeOption(option)}`)]
        return [`  ${name}`, `      ${summary}`, ...details].join('\n')
      })
      return `${kind}\n${lines.join('\n')}`
    })
    const named = presets.parts.map(({ name, summary, source, values }) => {
      const lines = Object.entries(values).map(([key, value]) => `      ${key}: ${value}`)
      return [`  ${name}`, `      ${summary}`, `      ${source}`, ...lines].join('\n')
    })
    const text = [...sections, `presets\n${named.join('\n')}`].join('\n\n')
    show({ text, json: { ...parts, presets: presets.parts } }, flags)
  })
}

function describeOption(option: OptionInfo): string {
  const range = describeRange(option)
  return `${option.name}: ${option.help}${range ? ` (${range})` : ''}`
}
