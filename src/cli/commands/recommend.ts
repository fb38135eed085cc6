import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../../errors.ts'
import { openRun } from '../../serving/open-run.ts'
import { type Recommendation, recommend } from '../../serving/recommender.ts'
import { writeRecommendations } from '../../serving/write.ts'
import { type SessionFlags, show } from '../shared/session.ts'
import { formatTable } from '../shared/table.ts'

interface Flags extends SessionFlags {
  readonly user?: string[]
  readonly all?: boolean
  readonly k: number
  readonly method: string
  readonly format: 'table' | 'json' | 'csv'
}

export function configure(command: Command): void {
  command
    .argument('<run>', 'run directory with a trained model')
    .option('--user <id...>', 'external ids of users')
    .option('--all', 'all users; needs --out')
    .option('--k <n>', 'items a user (default 10; 1 to 1000)', parseK, 10)
    .option(
      '--method <name>',
      'a row of the table: dtl-ns, lightgcn+mixgcf, ease, … (default: dtl-ns, or the base model before there is one)',
    )
    .addOption(new Option('--format <name>', 'how to print').choices(['table', 'json', 'csv']).default('table'))
    .option('--out <file>', 'write to a Parquet file instead')
    .option('--json', 'the same as --format json')
    .action(async (directory: string, flags: Flags) => {
      if (!flags.all && !flags.user)
        throw new UsageError('whom to recommend to? give --user <id>, or --all --out <file.parquet>')
      if (flags.all && !flags.out)
        throw new UsageError('--all needs --out <file.parquet>: all users do not fit on a screen')
      if (flags.out !== undefined && (flags.format !== 'table' || !/\.(parquet|pq)$/i.test(flags.out)))
        throw new UsageError(
          `--out writes Parquet: give a file that ends in .parquet, got "${flags.out}"; for --format ${flags.format === 'table' ? 'json or csv' : flags.format} redirect stdout`,
        )
      const model = await openRun(directory, flags.method)
      const rows = recommend(model, flags.k, flags.user)
      if (flags.out) {
        await writeRecommendations(flags.out, rows, model)
        show(
          { text: `${rows.length} recommendations: ${flags.out}`, json: { file: flags.out, rows: rows.length } },
          flags,
        )
      } else show({ text: format(rows, flags.format), json: rows }, { json: flags.json || flags.format === 'json' })
    })
}

function parseK(text: string): number {
  const k = Number(text)
  if (!Number.isInteger(k) || k < 1 || k > 1000)
    throw new InvalidArgumentError(`expected an integer from 1 to 1000, got "${text}"`)
  return k
}

function format(rows: readonly Recommendation[], how: Flags['format']): string {
  const cells = rows.map(({ user, rank, item, score }) => [String(user), String(rank), String(item), score.toFixed(4)])
  const header = ['user', 'rank', 'item', 'score']
  return how === 'csv' ? [header, ...cells].map(row => row.map(quote).join(',')).join('\n') : formatTable(header, cells)
}

/** RFC 4180 */
function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
