import type { Command } from 'commander'
import { similarRequest } from '../../serving/answers/schema.ts'
import { openServing } from '../../serving/model/open-run.ts'
import { addFormatFlags, askModel, checkFormat, type FormatFlags, printAnswers } from '../shared/answers.ts'
import { addIdFlags, addSchemaFlags, givenOf } from '../shared/flags.ts'
import { inView } from '../shared/session.ts'

const asked = similarRequest.omit({ requestId: true, item: true, items: true })

const IDS = { exclude: true, only: true } as const

export function configure(command: Command): void {
  command
    .argument('<model>', 'run directory or model folder')
    .argument('<item...>', 'external ids: similar items go with all of them')
    .option('--method <name>', 'row of the table, as for recommend')
  addIdFlags(command, asked.pick(IDS))
  addFormatFlags(addSchemaFlags(command, asked.omit(IDS))).action(
    async (path: string, items: string[], flags: FormatFlags & { method?: string }) => {
      checkFormat(flags)
      const model = await inView(flags, watch => openServing(path, flags.method, watch))
      const given = givenOf(asked, flags)
      const answer = askModel(asked, () => model.similar({ ...given, items }))
      if (answer.items.length === 0) {
        const among = given.only || given.exclude ? ' among those that --only and --exclude leave' : ''
        process.stderr.write(
          `${model.info.method} knows no items similar to these${among}; another row may: --method\n`,
        )
      }
      printAnswers(model, path, [{ who: items.join(' '), answer }], { info: model.info, ...answer }, flags)
    },
  )
}
