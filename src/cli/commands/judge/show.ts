import { type Command, Option } from 'commander'
import { badAnswers, remedyFor, shownFaults } from '../../../judges/llm/faults.ts'
import { inJob, openLastJob } from '../../../run/stages/judge-run.ts'
import { labelsOf, readTitles } from '../../../run/titles.ts'
import { jobCommand, jobOptions } from '../../shared/judge-command.ts'
import { type SessionFlags, show } from '../../shared/session.ts'
import { integerFrom } from '../../shared/values.ts'

interface Flags extends SessionFlags {
  readonly faults: (typeof shownFaults)[number]
  readonly first: number
}

/** `dualtree judge show <run> --faults invalid`: the first bad answers word for word, with their prompts. */
export function configure(command: Command): void {
  jobCommand(command)
    .addOption(new Option('--faults <kind>', 'which answers').choices(shownFaults).default('all'))
    .option('--first <n>', 'how many', integerFrom(1), 3)
    .action(async (directory: string, flags: Flags) => {
      const job = await openLastJob(directory, jobOptions(flags))
      const answers = await inJob(job, session => badAnswers(session, flags.faults, flags.first))
      const { itemIds } = job.context.train
      const labelOf = labelsOf(itemIds, await readTitles(directory, itemIds))
      const blocks = answers.map(({ fault, user, items, prompt, answer }) =>
        [
          ...[`── user ${user}: ${fault} ──`, prompt.user],
          `── items: ${items.map(id => labelOf(itemIds.indexOf(id))).join('; ')}`,
          ...['── answer ──', answer, `── remedy: ${remedyFor(fault)}`],
        ].join('\n'),
      )
      const [first] = answers
      const system = first ? [`── system text of every prompt ──\n${first.prompt.system}`] : []
      const text = first ? [...system, ...blocks].join('\n\n') : `no answers with faults (${flags.faults})`
      show({ text, json: { directory, answers } }, flags)
    })
}
