import type { Command } from 'commander'
import { UsageError } from '../../errors.ts'
import { plural } from '../../numbers.ts'
import { recommendRequest } from '../../serving/answers/schema.ts'
import { openServing } from '../../serving/model/open-run.ts'
import { rowsOfAnswers, writeRecommendations } from '../../serving/write.ts'
import { addFormatFlags, askModel, checkFormat, type FormatFlags, printAnswers, sayModel } from '../shared/answers.ts'
import { addIdFlags, addSchemaFlags, givenOf } from '../shared/flags.ts'
import { inView } from '../shared/session.ts'

const asked = recommendRequest.omit({ requestId: true, user: true })

const IDS = { history: true, exclude: true, only: true } as const

interface Flags extends FormatFlags {
  readonly user?: string[]
  readonly all?: boolean
  readonly method?: string
  readonly ann?: boolean
}

export function configure(command: Command): void {
  command
    .argument('<model>', 'run directory or model folder')
    .option('--user <id...>', 'external ids of users; unknown users are served by --history, or by popularity')
    .option('--all', 'all users that the model knows; needs --out')
    .option(
      '--method <name>',
      'row of the table (default: the fitted model, or else the row that is best on validation data)',
    )
  addIdFlags(command, asked.pick(IDS))
  addFormatFlags(addSchemaFlags(command, asked.omit(IDS)))
    .option('--ann', 'rank vectors by an index (usearch, an optional package), for more than about 10^6 items')
    .option('--out <file>', 'write to a Parquet file instead')
    .action(async (path: string, flags: Flags) => {
      checkFlags(flags)
      const options = { ann: flags.ann ?? false }
      const model = await inView(flags, watch => openServing(path, flags.method, { ...options, ...watch }))
      const request = givenOf(asked, flags)
      const users = flags.all ? [...model.users()] : (flags.user ?? [undefined])
      const requests = users.map(user => ({ ...request, ...(user !== undefined && { user }) }))
      const answers = askModel(asked, () => model.recommendMany(requests))
      if (flags.out) {
        const rows = rowsOfAnswers(users.map(String), answers)
        await writeRecommendations(flags.out, rows)
        const text = `${rows.length} recommendations: ${flags.out}`
        return sayModel(model, path, { text, json: { file: flags.out, rows: rows.length } }, flags)
      }
      const none = answers.filter(({ items }) => items.length === 0).length
      if (none > 0 && !flags.allowSeen) {
        const others =
          flags.exclude || flags.only || flags.filter ? ', and what --exclude, --only or --filter leave out' : ''
        process.stderr.write(`${plural(none, 'answer')} without items: nothing is left beside the history${others}; --allow-seen lists items of the history too\n`) // biome-ignore format: one line
      }
      const answered = answers.map((answer, at) => ({ who: users[at] ?? '–', answer }))
      printAnswers(model, path, answered, { model: model.info, answers }, flags)
    })
}

function checkFlags(flags: Flags): void {
  const { user, all, out, format, history } = flags
  checkFormat(flags)
  if (!all && !user && !history)
    throw new UsageError('no user given: --user ID, --history ITEM …, or --all --out FILE.parquet')
  if (all && !out) throw new UsageError('--all needs --out FILE.parquet: all users do not fit on a screen')
  if (out !== undefined && (format !== 'table' || !/\.(parquet|pq)$/i.test(out)))
    throw new UsageError(
      `--out writes Parquet: give a file that ends in .parquet, got "${out}"; for --format ${format === 'table' ? 'json or csv' : format} redirect stdout`,
    )
}
