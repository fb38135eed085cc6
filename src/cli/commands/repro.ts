import { join } from 'node:path'
import { Argument, type Command } from 'commander'
import type { SportsReproduction } from '../../research/repro/sports.ts'
import { RELEASED_NOTE, tablesOf } from '../../research/repro/write.ts'
import { addOptionFlags, givenOptions } from '../shared/flags.ts'
import { SEARCH_OPTIONS, wrapped } from '../shared/help.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../shared/session.ts'
import { formatTable } from '../shared/table.ts'

export function configure(command: Command): void {
  command
    .addArgument(new Argument('<name>', 'what is reproduced').choices(['sports']))
    .argument('<data>', 'directory of the Sports split: train, valid and test files')
    .option(
      '--released <directory>',
      'directory of the released codes, candidates and enhanced set (default: <data>/released)',
    )
    .option('--out <directory>', 'directory of the reproduction', join('runs', 'repro-sports'))
  addOutputFlags(addOptionFlags(command, undefined, SEARCH_OPTIONS))
    .addHelpText(
      'after',
      `\n${wrapped('Exit code 1 when a figure lies outside its tolerance band. Trains four models per seed with the settings of the paper: on Sports about 600 epochs in all, 10 to 15 minutes with two threads. Stopped, it resumes with the same command.')}`,
    )
    .action(async (_: string, source: string, flags: SessionFlags & { out: string; released?: string }) => {
      const { reproduceSports } = await import('../../research/repro/sports.ts')
      const result = await inView(flags, watch =>
        reproduceSports({
          source,
          directory: flags.out,
          ...(flags.released !== undefined && { released: flags.released }),
          given: givenOptions(flags),
          ...watch,
        }),
      )
      show({ text: format(result, flags.out), json: result }, flags)
      if (!result.holds) process.exitCode = 1
    })
}

function format(result: SportsReproduction, directory: string): string {
  const [results, ...others] = tablesOf(result).map(({ header, rows }) => formatTable(header, rows))
  const files = ['report.html', 'repro.json'].map(file => join(directory, file)).join(', ')
  return [results, RELEASED_NOTE, ...others, result.paragraph, `Files: ${files}`].join('\n\n')
}
