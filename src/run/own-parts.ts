/** Parts that are no part of the package: given to a run as values, or to the command line by `--plugin`. */

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { sha256 } from '../files.ts'
import { baselineKey } from '../models/baselines/baseline.ts'
import { flagName } from '../options.ts'
import { describePartOptions, inScope, type Part } from '../registry.ts'
import { callable, checkRequest } from '../requests.ts'
import { optionGroups } from './options/groups.ts'
import { registries } from './parts.ts'

/** The kind of registry that a part belongs to, by what its definition has. */
function kindOf(part: Part): string | undefined {
  const { kind } = part as { kind?: string }
  const kinds: Readonly<Record<string, string>> = {
    ...{ embedding: 'model', baseline: 'baseline', plain: 'sampler', scoring: 'sampler', decorator: 'sampler' },
    ...{ scores: 'objective', vectors: 'objective', user: 'metric', list: 'metric' },
  }
  if (kind !== undefined) return kinds[kind]
  return 'detect' in part ? 'format' : 'learn' in part ? 'feature' : 'create' in part ? 'judge' : undefined
}

/** Whether a value is a part, as `defineSampler` and its like make them. */
export function isPart(value: unknown): value is Part {
  const { name, summary, options } = (value ?? {}) as Partial<Part>
  return (
    typeof name === 'string' &&
    typeof summary === 'string' &&
    options !== undefined &&
    kindOf(value as Part) !== undefined
  )
}

const FIELDS = { parts: z.array(z.any()), body: callable }

/**
 * Calls `body` with parts beside those of the package: found by their names, with options checked like any other's.
 * @throws UsageError for a value that is no part, and for a name or option that is taken
 */
export function withParts<R>(parts: readonly Part[], body: () => R): R {
  checkRequest('withParts', FIELDS, { parts, body })
  if (parts.length === 0) return body()
  const own: Record<string, Part[]> = {}
  for (const part of parts) {
    if (!isPart(part))
      throw new UsageError(`parts: expected what defineSampler and its like make, got ${describe(part)}`)
    const kind = kindOf(part)!
    checkDefinition(part, kind)
    const registry = registries.find(known => known.kind === kind)!
    if (registry.own.includes(part)) continue
    if (registry.names.includes(part.name) || own[kind]?.some(({ name }) => name === part.name))
      throw new UsageError(`${kind} "${part.name}": there is one of that name already; give this one another`)
    checkOptions(part, kind)
    own[kind] = [...(own[kind] ?? []), part]
  }
  return inScope(own, body)
}

/** A name becomes flags, columns and folders; options become flags and help. */
function checkDefinition({ name, options }: Part, kind: string): void {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
    throw new UsageError(`${kind} ${JSON.stringify(name)}: expected a name of lower-case words joined by hyphens`)
  if (!('_zod' in options && 'shape' in options))
    throw new UsageError(`${kind} "${name}": options: expected an object of zod 4, such as z.object({})`)
}

/** Options with parts by their names, and the parts that were given as values. */
export function partsByName(options: Readonly<Record<string, unknown>>): {
  options: Record<string, unknown>
  parts: Part[]
} {
  const parts: Part[] = []
  const named = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(named)
    if (!isPart(value)) return value
    parts.push(value)
    return value.name
  }
  return { options: Object.fromEntries(Object.entries(options).map(([key, value]) => [key, named(value)])), parts }
}

/** An option means one thing, whatever it is an option of. */
function checkOptions(part: Part, kind: string): void {
  for (const { name } of describePartOptions(part)) {
    const key = kind === 'baseline' ? baselineKey(part.name, name) : name
    const group = optionGroups().find(({ options }) => options.some(option => option.name === key))
    if (group && group.title.toLowerCase() !== kind)
      throw new UsageError(
        `${kind} "${part.name}": ${flagName(key)} is an option of the group ${group.title} already; give its option another name`,
      )
  }
}

/**
 * The parts that a module exports. Where one has no version, its file's text is its version.
 * @throws UsageError for a file that cannot be loaded, or exports no part
 */
export async function loadPlugin(path: string): Promise<Part[]> {
  const file = resolve(path)
  const module: Record<string, unknown> = await import(pathToFileURL(file).href).catch(error => {
    throw new UsageError(`--plugin ${path}: cannot be loaded: ${(error as Error).message}`, { cause: error })
  })
  const parts = [...new Set(Object.values(module))].filter(isPart)
  if (parts.length === 0)
    throw new UsageError(`--plugin ${path}: exports no part: export what defineSampler and its like make`)
  const version = sha256(await readFile(file, 'utf8')).slice(0, 16)
  return parts.map(part => ({ version, ...part }))
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? `an object with ${Object.keys(value).join(', ') || 'nothing'}`
    : String(value)
}
