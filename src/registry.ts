/**
 * A part (model, sampler, objective, metric, format, judge) is a value, a preset of option values too; a registry finds it by name. CLI flags,
 * `dualtree list`, the docs table and the contract tests all read the registries, so that a part is one file plus one
 * line in its folder's `index.ts`.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { z } from 'zod'
import { UsageError } from './errors.ts'
import { didYouMean } from './nearest.ts'
import { describeOptions, type OptionInfo, type OptionsSchema, parseOptions, shown, text } from './options.ts'

const isSchema = (given: unknown) => typeof given === 'object' && given !== null && '_zod' in given && 'shape' in given
const optionsShape = z.custom(isSchema, 'expected an object of zod 4, such as z.object({})')

/** Fields that every part has or may have. */
export const partFields = {
  ...{ name: text, summary: z.string(), source: z.string(), options: optionsShape },
  ...{ runtime: optionsShape.optional(), version: text.optional() },
} satisfies Record<keyof Part, z.ZodType>

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
  /** options that change no result, such as whom to ask and how often */
  readonly runtime?: OptionsSchema
  /** of a part that is no part of the package: what must change when its results do, so that no stage of older code is reused */
  readonly version?: string
}

/** A definition that keeps the type of its options, which the options of a run are typed by. */
export type Typed<D extends Part, S extends OptionsSchema> = Omit<D, 'options'> & { readonly options: S }

/** A definition as it is written: its functions take options as the schema gives them. */
export type Declared<D extends Part, S extends OptionsSchema> = Omit<D, 'kind' | 'options'> & { readonly options: S }

export interface Registry<T extends Named> {
  readonly kind: string
  readonly names: readonly string[]
  readonly parts: readonly T[]
  /** parts of the scope alone, see `inScope` */
  readonly own: readonly T[]
  /** @throws UsageError with the known names and the nearest one */
  get(name: string): T
}

/** How a part is chosen where a function takes one: by name or as a value, with options where it has some. */
export type Choice<T extends Part> =
  | string
  | T
  | { readonly part: string | T; readonly options?: Readonly<Record<string, unknown>> }

/** @throws UsageError for a name that the registry does not have, and for what is no part */
export function chosen<T extends Part>(
  registry: Pick<Registry<T>, 'get'>,
  choice: Choice<T>,
): { definition: T; options: Readonly<Record<string, unknown>> } {
  const isObject = typeof choice === 'object' && choice !== null
  const { part, options = {} } = isObject && 'part' in choice ? choice : { part: choice }
  if (typeof part !== 'string' && !(typeof part === 'object' && part !== null && 'summary' in part))
    throw new UsageError(`expected the name of a part, a part, or { part, options }, got ${shown(choice)}`)
  return { definition: typeof part === 'string' ? registry.get(part) : part, options }
}

/** The options of a part as its schema has them. @throws UsageError that names the part, of that kind, and the option */
export const parsePart = <S extends OptionsSchema>(
  kind: string,
  { name, options }: Named & { readonly options: S },
  given: unknown,
) => parseOptions(options, given, `${kind} "${name}"`)

/** Parts that are known within a call, and all that it awaits, by the kind of their registry. */
const scope = new AsyncLocalStorage<Readonly<Record<string, readonly Named[]>>>()

/** Calls `body` with more parts in the registries; whoever runs beside it does not see them. */
export function inScope<R>(own: Readonly<Record<string, readonly Named[]>>, body: () => R): R {
  const merged: Record<string, readonly Named[]> = { ...scope.getStore() }
  for (const [kind, parts] of Object.entries(own)) merged[kind] = [...(merged[kind] ?? []), ...parts]
  return scope.run(merged, body)
}

/** @param order of parts of the scope among the others */
export function createRegistry<T extends Named, const P extends readonly T[] = readonly T[]>(
  kind: string,
  parts: P,
  order: 'own last' | 'own first' = 'own last',
): Registry<P[number]> {
  return {
    kind,
    get own() {
      return (scope.getStore()?.[kind] ?? []) as readonly P[number][]
    },
    get parts() {
      const { own } = this
      if (own.length === 0) return parts
      return order === 'own first' ? [...own, ...parts] : [...parts, ...own]
    },
    get names() {
      return this.parts.map(({ name }) => name)
    },
    get(name) {
      const { names } = this
      const part = this.parts.find(known => known.name === name)
      if (part) return part
      throw new UsageError(
        `unknown ${kind} ${shown(name)}: known are ${names.join(', ')}${didYouMean(String(name), names)}`,
      )
    },
  }
}

/**
 * An option that names a part: like an enum, of what there is when it is checked.
 * @param others names that it takes beside those of parts
 */
export function partName(registry: Pick<Registry<Named>, 'names'>, others: readonly string[] = []) {
  const names = () => [...others, ...registry.names]
  const error = ({ input }: { input?: unknown }) =>
    `expected one of ${names().join(', ')}${didYouMean(String(input), names())}`
  return z
    .string()
    .refine(name => names().includes(name), { error })
    .meta({
      get choices() {
        return names()
      },
    })
}

/** Some of them; all when not given. */
export const partNames = (registry: Pick<Registry<Named>, 'names'>, standard = () => [...registry.names]) =>
  z.array(partName(registry)).min(1).default(standard)

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
export function describePartOptions({ options, runtime }: Part): OptionInfo[] {
  return [...describeOptions(options), ...(runtime ? describeOptions(runtime) : [])]
}
