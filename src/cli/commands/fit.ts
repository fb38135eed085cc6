import type { Command } from 'commander'
import { findOptions } from '../../run/directory.ts'
import type { FittedModel } from '../../serving/fit.ts'
import { addOptionFlags, givenOptions } from '../shared/flags.ts'
import { SEARCH_OPTIONS } from '../shared/help.ts'
import { addOutputFlags, defaultDirectory, inView, type SessionFlags, show } from '../shared/session.ts'
import { wrapText } from '../shared/table.ts'

export function configure(command: Command): void {
  command
    .argument('<run|data>', 'run directory, or interactions to start a run from')
    .option('--method <name>', 'row of the table, or a baseline (default: the row that is best on validation data)')
    .option('--out <directory>', 'run directory to start (default: runs/<name of the data>)')
  addOutputFlags(addOptionFlags(command, undefined, [...SEARCH_OPTIONS, 'items'])).action(
    async (path: string, flags: SessionFlags & { method?: string }) => {
      const { fitModel } = await import('../../serving/fit.ts')
      const started = flags.out === undefined && (await findOptions(path)) !== undefined
      if (started && flags.judge === undefined)
        await (await import('../../run/stages/judge-run.ts')).checkAnswered(path)
      const where = started ? { directory: path } : { source: path, directory: flags.out ?? defaultDirectory(path) }
      const chosen = flags.method === undefined ? {} : { method: flags.method }
      const fitted = await inView(flags, watch =>
        fitModel({ ...where, ...chosen, options: givenOptions(flags), ...watch }),
      )
      show({ text: describe(fitted, where.directory), json: fitted }, flags)
    },
  )
}

function describe(
  { method, metrics, rows, folder, hash, bytes, users, items, interactions, table }: FittedModel,
  run: string,
) {
  const figures = (values: Readonly<Record<string, number>>) =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${value.toFixed(4)}`)
      .join(', ')
  const others = rows.map(
    row =>
      `  ${row.method}: ${row.metrics ? figures(row.metrics) : ''}${row.skipped ? ` (not served: ${row.skipped})` : ''}`,
  )
  const lines = [
    ...(others.length > 0 ? ['On validation data:', ...others] : []),
    `Fitted ${method} on all ${interactions} interactions of ${users} users and ${items} items${metrics['recall@20'] === undefined ? '' : ', the best row on validation data'}.`,
    ...(table
      ? [
          `Items: ${table.rows} rows; ${table.missing} items of the model are not among them; ${table.cold} without interactions are placed by their attributes, ` +
            `${table.notRecommendable} share no value with any item and cannot be recommended; left out: ${table.repeated} repeated, ${table.withoutId} without id, ${table.unreadable} unreadable.`,
        ]
      : []),
    `Model ${hash.slice(0, 8)}, ${(bytes / 1e6).toFixed(1)} MB: ${folder}`,
    `Serve it: dualtree serve ${run}`,
  ]
  return wrapText(lines.join('\n'))
}
