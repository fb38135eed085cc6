import type { Command } from 'commander'
import { Option } from 'commander'
import { UsageError } from '../../errors.ts'
import { openServing } from '../../serving/open-run.ts'
import { recommendRequest } from '../../serving/schema.ts'
import { rowsOfAnswers, writeRecommendations } from '../../serving/write.ts'
import { type AnswerFormat, formatAnswers, formats, sayModel } from '../shared/answers.ts'
import { addIdFlags, addSchemaFlags, givenOf } from '../shared/flags.ts'
import type { SessionFlags } from '../shared/session.ts'

const asked = recommendRequest.omit({ requestId: true, user: true })

const IDS = { history: true, exclude: true, only: true } as const

interface Flags extends SessionFlags {
  readonly user?: string[]
  readonly all?: boolean
  readonly method?: string
  readonly format: AnswerFormat
}

export function configure(command: Command): void {
  command
    .argument('<model>', 'run directory or model folder')
    .option('--user <id...>', 'external ids of users; somebody unknown is served by --history, or by what is popular')
    .option('--all', 'all users that the model knows; needs --out')
    .option(
      '--method <name>',
      'row of the table (default: the fitted model, or else the trained row that is best on validation data)',
    )
  addIdFlags(command, asked.pick(IDS))
  addSchemaFlags(command, asked.omit(IDS))
    .addOption(new Option('--format <name>', 'how to print').choices(formats).default('table'))
    .option('--out <file>', 'write to a Parquet file instead')
    .option('--json', 'the same as --format json')
    .action(async (path: string, flags: Flags) => {
      checkFlags(flags)
      const model = await openServing(path, flags.method)
      const request = givenOf(asked, flags)
      const users = flags.all ? [...model.users()] : (flags.user ?? [undefined])
      const answers = model.recommendMany(users.map(user => ({ ...request, ...(user !== undefined && { user }) })))
      if (flags.out) {
        const rows = rowsOfAnswers(users.map(String), answers)
        await writeRecommendations(flags.out, rows)
        const text = `${rows.length} recommendations: ${flags.out}`
        return sayModel(model, path, { text, json: { file: flags.out, rows: rows.length } }, flags)
      }
      const format = flags.json ? 'json' : flags.format
      const answered = answers.map((answer, at) => ({ who: users[at] ?? '–', answer }))
      const text = format === 'json' ? '' : formatAnswers(answered, format)
      sayModel(model, path, { text, json: { model: model.info, answers } }, { json: format === 'json' })
    })
}

function checkFlags({ user, all, out, format, history }: Flags): void {
  if (!all && !user && !history)
    throw new UsageError('no user given: --user <id>, --history <items>, or --all --out <file.parquet>')
  if (all && !out) throw new UsageError('--all needs --out <file.parquet>: all users do not fit on a screen')
  if (out !== undefined && (format !== 'table' || !/\.(parquet|pq)$/i.test(out)))
    throw new UsageError(
      `--out writes Parquet: give a file that ends in .parquet, got "${out}"; for --format ${format === 'table' ? 'json or csv' : format} redirect stdout`,
    )
}
