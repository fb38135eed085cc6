import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { UsageError } from '../../errors.ts'
import { didYouMean } from '../../nearest.ts'
import type { ListedKind } from '../shared/listing.ts'

export async function configure(command: Command, args: readonly string[]): Promise<void> {
  const all = await readListing(args)
  const known = all.map(({ kind }) => kind)
  command
    .argument('[kinds...]', `${known.join(', ')}; all when absent`)
    .option('--json', 'print one JSON document on stdout')
    .option('--latex', 'print tables of names and summaries as LaTeX')
    .action(async (kinds: string[], { json: asJson, latex }: { json?: boolean; latex?: boolean }) => {
      for (const kind of kinds)
        if (!known.includes(kind))
          throw new UsageError(`unknown kind "${kind}": known are ${known.join(', ')}${didYouMean(kind, known)}`)
      const wanted = all.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind))
      const text = asJson
        ? JSON.stringify(Object.fromEntries(wanted.map(({ kind, json }) => [kind, json])), null, 2)
        : latex
          ? await latexOf(wanted)
          : wanted.map(({ text }) => text).join('\n\n')
      process.stdout.write(`${text}\n`)
    })
}

/** What the build wrote beside this file, a third of the time of loading every part; from source or with parts of somebody's own, the parts. */
async function readListing(args: readonly string[]): Promise<readonly ListedKind[]> {
  const own = args.some(arg => arg.startsWith('--plugin'))
  if (own || import.meta.url.endsWith('.ts')) return (await import('../shared/listing.ts')).listing()
  return JSON.parse(readFileSync(new URL('./listing.json', import.meta.url), 'utf8'))
}

/** What it takes is loaded for it alone. */
async function latexOf(wanted: readonly ListedKind[]): Promise<string> {
  const [{ formatTable }, { toLatex }] = await Promise.all([import('../shared/table.ts'), import('../shared/latex.ts')])
  const tables = wanted.map(({ kind, json }) => {
    const rows = (json as readonly { name: string; summary: string }[]).map(({ name, summary }) => [name, summary])
    return formatTable([kind, 'what it is'], rows, Number.POSITIVE_INFINITY, 2)
  })
  return toLatex(tables.join('\n\n'))
}
