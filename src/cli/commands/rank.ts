import type { Command } from 'commander'
import { UsageError } from '../../errors.ts'
import { rankRequest } from '../../serving/answers/schema.ts'
import { openServing } from '../../serving/model/open-run.ts'
import { addFormatFlags, askModel, checkFormat, type FormatFlags, printAnswers } from '../shared/answers.ts'
import { addIdFlags, givenOf } from '../shared/flags.ts'
import { inView } from '../shared/session.ts'

const asked = rankRequest.pick({ history: true })

interface Flags extends FormatFlags {
  readonly user?: string
  readonly history?: string[]
  readonly method?: string
}

export function configure(command: Command): void {
  command
    .argument('<model>', 'run directory or model folder')
    .argument('<item...>', 'external ids: the items to put in order')
    .option('--user <id>', 'external id of the user; somebody unknown is served by --history, or by what is popular')
    .option('--method <name>', 'row of the table, as for recommend')
  addFormatFlags(addIdFlags(command, asked)).action(async (path: string, items: string[], flags: Flags) => {
    checkFormat(flags)
    const { user, history, method } = flags
    if (user === undefined && !history) throw new UsageError('no user given: --user ID, or --history ITEM …')
    const model = await inView(flags, watch => openServing(path, method, watch))
    const request = { ...givenOf(asked, flags), ...(user !== undefined && { user }), items }
    const answer = askModel(asked, () => model.rank(request))
    printAnswers(model, path, [{ who: user ?? '–', answer }], { info: model.info, ...answer }, flags)
  })
}
