import { basename, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { describeOptions } from '../../options.ts'
import { studies } from '../../research/studies/index.ts'
import { questionOptions } from '../../research/studies/study.ts'
import { prepareDemo } from '../../run/demo.ts'
import { type OptionGroup, partGroup } from '../../run/options/groups.ts'
import { addOptionFlags, flagOf, givenOptions } from '../shared/flags.ts'
import { SEARCH_OPTIONS, wrapped } from '../shared/help.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../shared/session.ts'
import { formatTable } from '../shared/table.ts'

/** Data that the command makes itself, with planted likes that judges are scored against. */
const DEMO = 'demo'

export function configure(command: Command): void {
  const own = studyFlags()
  command
    .argument('<name>', `${studies.names.join(', ')}`)
    .argument('<data>', `file, glob or directory of interactions, or "${DEMO}"`)
    .option('--out <directory>', 'directory of the study (default: runs/study-<name>-<data>)')
  command.optionsGroup('Study options:')
  for (const option of own) command.addOption(flagOf(option))
  addOutputFlags(addOptionFlags(command, undefined, [...Object.keys(questionOptions.shape), ...SEARCH_OPTIONS]))
    .addHelpText(
      'after',
      `\nStudies:\n${studies.parts.map(({ name, summary }) => wrapped(`  ${name}: ${summary}`)).join('\n')}`,
    )
    .action(async (name: string, data: string, flags: SessionFlags) => {
      const study = studies.get(name)
      const directory = flags.out ?? join('runs', `study-${name}-${basename(resolve(data)).replace(/\..*$/, '')}`)
      const demo = data === DEMO ? await prepareDemo(directory) : undefined
      const options = Object.fromEntries(
        own.flatMap(({ name }) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
      )
      const { runStudy } = await import('../../research/studies/run-study.ts')
      const { paragraph, header, table, json } = await inView(flags, watch =>
        runStudy({
          study,
          source: demo?.source ?? data,
          directory,
          options,
          given: { ...demo?.options, ...givenOptions(flags) },
          ...(demo && { hidden: demo.hidden }),
          ...watch,
        }),
      )
      const files = ['report.html', 'study.md', 'figure.svg', 'study.json']
        .map(file => join(directory, file))
        .join(', ')
      show({ text: `${formatTable(header, table)}\n\n${paragraph}\n\nFiles: ${files}`, json }, flags)
    })
}

/** The options of the question and of all studies, one for those that share a name, with the studies that know it. */
function studyFlags(): OptionGroup['options'] {
  const { options } = partGroup('Study', studies.parts)
  return [...describeOptions(questionOptions), ...options.filter(({ name }) => !(name in questionOptions.shape))]
}
