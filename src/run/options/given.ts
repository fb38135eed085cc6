/** Options as they are given, flat and by name, before a plan is made of them. */
import { optionGroups } from './groups.ts'
import { planRun } from './plan-run.ts'

type Given = Readonly<Record<string, unknown>>

/** @throws UsageError for a name that no option has, with the nearest that there are */
export function checkOptionNames(names: Iterable<string>): void {
  const known = optionGroups().flatMap(({ options }) => options.map(({ name }) => name))
  // planRun knows what to say of it
  for (const name of names) if (!known.includes(name)) planRun({ [name]: 0 })
}

export function withoutOptions(given: Given, names: readonly string[]): Given {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)))
}
