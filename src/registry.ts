/**
 * A part (model, sampler, objective, metric, format, judge) is a value, a preset of option values too; a registry finds it by name. CLI flags,
 * `dualtree list`, the docs table and the contract tests all read the registries, so that a part is one file plus one
 * line in its folder's `index.ts`.
 */
import { UsageError } from './errors.ts'
import { didYouMean } from './nearest.ts'
import { describeOptions, type OptionInfo, type OptionsSchema } from './options.ts'

/** What a registry needs to know. */
export interface Named {
  /** as typed on the command line: lower case, words joined by hyphens */
  readonly name: string
}

export interface Part extends Named {
  /** one sentence */
  readonly summary: string
  /** where the formula comes from, and what differs from it */
  readonly source: string
  readonly options: OptionsSchema
  /** options of how it goes about its work, which change no result */
  readonly work?: OptionsSchema
}

export interface Registry<T extends Named> {
  readonly kind: string
  readonly names: readonly string[]
  readonly parts: readonly T[]
  /** @throws UsageError with the known names and the nearest one */
  get(name: string): T
}

export function createRegistry<T extends Named>(kind: string, parts: readonly T[]): Registry<T> {
  const byName = new Map(parts.map(part => [part.name, part]))
  const names = [...byName.keys()]
  return {
    kind,
    names,
    parts,
    get(name) {
      const part = byName.get(name)
      if (part) return part
      throw new UsageError(`unknown ${kind} "${name}": known are ${names.join(', ')}${didYouMean(name, names)}`)
    },
  }
}

export interface PartInfo {
  name: string
  summary: string
  source: string
  options: OptionInfo[]
}

/** What `dualtree list --json` says of a part. */
export function describePart(part: Part): PartInfo {
  const { name, summary, source } = part
  return { name, summary, source, options: describePartOptions(part) }
}

/** All options of a part: those that decide its results, then those that do not. */
export function describePartOptions({ options, work }: Part): OptionInfo[] {
  return [...describeOptions(options), ...(work ? describeOptions(work) : [])]
}
