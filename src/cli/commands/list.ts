import type { Command } from 'commander'
import { describeRange, type OptionInfo } from '../../options.ts'
import { listParts } from '../../pipeline/parts.ts'
import { type SessionFlags, show } from '../session.ts'

export function configure(command: Command): void {
  command.option('--json', 'print one JSON document on stdout').action((flags: SessionFlags) => {
    const parts = listParts()
    const sections = Object.entries(parts).map(([kind, entries]) => {
      const lines = entries.map(({ name, summary, source, options }) => {
        const details = [`      ${source}`, ...options.map(option => `      ${describeOption(option)}`)]
        return [`  ${name}`, `      ${summary}`, ...details].join('\n')
      })
      return `${kind}\n${lines.join('\n')}`
    })
    show({ text: sections.join('\n\n'), json: parts }, flags)
  })
}

function describeOption(option: OptionInfo): string {
  const range = describeRange(option)
  return `${option.name}: ${option.help}${range ? ` (${range})` : ''}`
}
