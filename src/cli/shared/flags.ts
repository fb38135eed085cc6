/** Commander flags from option schemas, and back to the keys of the schemas. */
import type { Command, Option } from 'commander'
import { describeOptions, describeRange, flagName, type OptionsSchema } from '../../options.ts'
import { type OptionGroup, optionGroups } from '../../run/options/groups.ts'
import { SchemaFlag, shortenHelp } from './help.ts'
import { parseJudges } from './judge-specs.ts'
import { parseValue } from './values.ts'

/**
 * Adds a flag for each option, under the heading of its group in the help.
 * @param groups titles, or their first words ("Baseline"); all groups when absent
 * @param usual options on the first screen of the help
 */
export function addOptionFlags(command: Command, groups?: readonly string[], usual?: readonly string[]): Command {
  for (const group of optionGroups()) {
    if (groups && !groups.includes(group.title.split(' ')[0])) continue
    command.optionsGroup(`${group.title} options:`)
    for (const option of group.options) command.addOption(flagOf(option))
  }
  shortenHelp(command, usual)
  return command.optionsGroup('Options:')
}

/** Adds a flag for each option of one schema, for commands whose options are not those of a run. */
export function addSchemaFlags(command: Command, schema: OptionsSchema): Command {
  for (const option of describeOptions(schema)) command.addOption(flagOf(option))
  return command
}

/** The same for options that are lists of ids: a text, whatever it looks like, so that 007 stays 007. */
export function addIdFlags(command: Command, schema: OptionsSchema): Command {
  for (const { name, help } of describeOptions(schema))
    command.addOption(
      new SchemaFlag(`${flagName(name)} <a,b,…>`, help).argParser((text: string, before: string[] = []) => [
        ...before,
        ...text.split(',').filter(Boolean),
      ]),
    )
  return command
}

/** Of the values given on the command line, those that a schema knows. */
export function givenOf(schema: OptionsSchema, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => key in schema.shape && value !== undefined))
}

const PLACEHOLDERS = { integer: '<n>', number: '<x>', boolean: '', string: '<name>', array: '<a,b,…>' }

/** The flag of one option. */
export function flagOf(option: OptionGroup['options'][number], placeholder = PLACEHOLDERS[option.type]): Option {
  const parts = option.parts?.length ? ` [${option.parts.join(', ')}]` : ''
  const range = describeRange(option)
  const help = `${option.help}${parts}${range ? ` (${range})` : ''}`
  const flag = new SchemaFlag(`${flagName(option.name)} ${placeholder}`.trim(), help)
  const parse = option.name === 'auditJudges' ? (_: unknown, text: string) => parseJudges(text) : parseValue
  // a list may be given at once or piece by piece
  return flag.argParser((text: string, before: unknown) =>
    Array.isArray(before) ? [...before, ...(parse(option, text) as unknown[])] : parse(option, text),
  )
}

/** The values that were given on the command line, by option key; defaults are the schemas' business. */
export function givenOptions(values: Record<string, unknown>): Record<string, unknown> {
  const known = new Set(optionGroups().flatMap(group => group.options.map(option => option.name)))
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => known.has(key) && value !== undefined))
}
