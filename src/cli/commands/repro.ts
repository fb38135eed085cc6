import { join } from 'node:path'
import { Argument, type Command } from 'commander'
import { UsageError } from '../../errors.ts'
import { flagName } from '../../options.ts'
import type { Leaderboard } from '../../research/repro/leaderboard/leaderboard.ts'
import { RELEASED_NOTE, type SportsReproduction, tablesOf } from '../../research/repro/write.ts'
import { addOptionFlags, givenOptions } from '../shared/flags.ts'
import { SEARCH_OPTIONS, wrapped } from '../shared/help.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../shared/session.ts'
import { formatTable } from '../shared/table.ts'

type Name = 'sports' | 'gowalla' | 'next-item'
type Flags = SessionFlags & { out?: string; released?: string; full?: boolean; rows?: string[] }

export function configure(command: Command): void {
  command
    .addArgument(new Argument('<name>', 'what is reproduced').choices(['sports', 'gowalla', 'next-item']))
    .argument(
      '<data>',
      'directory of the split: train, valid and test files of Sports, train.txt and test.txt of Gowalla, sequences.txt of Beauty or Sports',
    )
    .option(
      '--released <directory>',
      'sports: directory of the released codes, candidates and enhanced set (default: <data>/released)',
    )
    .option('--full', 'gowalla: also rows that take about an hour each')
    .option('--rows <a,b,…>', 'rows to make, no others: gowalla by published names, next-item by ours', text =>
      text.split(','),
    )
    .option('--out <directory>', 'directory of the reproduction (default: runs/repro-<name>)')
  addOutputFlags(addOptionFlags(command, undefined, SEARCH_OPTIONS))
    .addHelpText(
      'after',
      `\n${wrapped('Exit code 1 when a figure lies outside its tolerance band. sports trains four models per seed with the settings of the paper: about 600 epochs in all, 10 to 15 minutes with two threads. Stopped, it resumes with the same command. gowalla and next-item take --seed and --threads; rows that are done are kept in --out.')}`,
    )
    .action(async (name: Name, source: string, flags: Flags) => {
      const directory = flags.out ?? join('runs', `repro-${name}`)
      if (name === 'sports') await sports(source, directory, flags)
      else await leaderboard(name, source, directory, flags)
    })
}

async function sports(source: string, directory: string, flags: Flags): Promise<void> {
  const { reproduceSports } = await import('../../research/repro/sports.ts')
  const result = await inView(flags, watch =>
    reproduceSports({
      ...{ source, directory },
      ...(flags.released !== undefined && { released: flags.released }),
      given: givenOptions(flags),
      ...watch,
    }),
  )
  show({ text: format(result, directory), json: result }, flags)
  if (!result.holds) process.exitCode = 1
}

async function leaderboard(
  name: Exclude<Name, 'sports'>,
  source: string,
  directory: string,
  flags: Flags,
): Promise<void> {
  const given = givenOptions(flags) as { seed?: number; threads?: number }
  const other = Object.keys(given).find(key => key !== 'seed' && key !== 'threads')
  if (other !== undefined)
    throw new UsageError(`${flagName(other)} is set by the rows of repro ${name} themselves: leave it out`)
  const { reproduceLeaderboard } = await import('../../research/repro/leaderboard/leaderboard.ts')
  const request = { name, source, directory, full: flags.full === true, ...(flags.rows && { rows: flags.rows }) }
  const result = await inView(flags, watch => reproduceLeaderboard({ ...request, ...given, ...watch }))
  const { formatLeaderboard } = await import('../../research/repro/leaderboard/write.ts')
  const { header, rows, notes } = formatLeaderboard(result)
  const text = [result.title, formatTable(header, rows), ...notes, `Files: ${join(directory, 'repro.json')}`]
  show({ text: text.join('\n\n'), json: result satisfies Leaderboard }, flags)
  if (!result.holds) process.exitCode = 1
}

function format(result: SportsReproduction, directory: string): string {
  const [results, ...others] = tablesOf(result).map(({ header, rows }) => formatTable(header, rows))
  const files = ['report.html', 'repro.json'].map(file => join(directory, file)).join(', ')
  return [results, RELEASED_NOTE, ...others, result.paragraph, `Files: ${files}`].join('\n\n')
}
