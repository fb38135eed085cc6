import type { Command } from 'commander'
import { Option } from 'commander'
import { openServing } from '../../serving/open-run.ts'
import { similarRequest } from '../../serving/schema.ts'
import { type AnswerFormat, formatAnswers, formats, sayModel } from '../shared/answers.ts'
import { addIdFlags, addSchemaFlags, givenOf } from '../shared/flags.ts'
import type { SessionFlags } from '../shared/session.ts'

const asked = similarRequest.omit({ requestId: true, item: true, items: true })

const IDS = { exclude: true, only: true } as const

export function configure(command: Command): void {
  command
    .argument('<model>', 'run directory or model folder')
    .argument('<item...>', 'external ids: the items that go with all of them')
    .option('--method <name>', 'row of the table, as for recommend')
  addIdFlags(command, asked.pick(IDS))
  addSchemaFlags(command, asked.omit(IDS))
    .addOption(new Option('--format <name>', 'how to print').choices(formats).default('table'))
    .option('--json', 'the same as --format json')
    .action(async (path: string, items: string[], flags: SessionFlags & { method?: string; format: AnswerFormat }) => {
      const model = await openServing(path, flags.method)
      const answer = model.similar({ ...givenOf(asked, flags), items })
      const format = flags.json ? 'json' : flags.format
      const text = format === 'json' ? '' : formatAnswers([{ who: items.join(' '), answer }], format)
      sayModel(model, path, { text, json: { info: model.info, ...answer } }, { json: format === 'json' })
    })
}
