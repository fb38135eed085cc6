import { join } from 'node:path'
import { Argument, type Command } from 'commander'
import type { Checked, SportsReproduction } from '../../studies/repro/sports.ts'
import { addOptionFlags, givenOptions } from '../flags.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../session.ts'
import { formatTable } from '../table.ts'

export function configure(command: Command): void {
  command
    .addArgument(new Argument('<name>', 'what is reproduced').choices(['sports']))
    .argument('<data>', 'directory of the Sports split: train, valid and test files')
    .option(
      '--released <directory>',
      'directory of the released codes, candidates and enhanced set (default: <data>/released)',
    )
    .option('--out <directory>', 'directory of the reproduction', join('runs', 'repro-sports'))
  addOutputFlags(addOptionFlags(command))
    .addHelpText('after', '\nExit code 1 when a figure lies outside its tolerance band.')
    .action(async (_: string, source: string, flags: SessionFlags & { out: string; released?: string }) => {
      const { reproduceSports } = await import('../../studies/repro/sports.ts')
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

const METRICS = ['recall@20', 'ndcg@20']

function format({ rows, facts, holds }: SportsReproduction, directory: string): string {
  const results = rows.map(({ name, protocol, metrics }) => [
    protocol === 'released' ? `${name} (RELEASED)` : name,
    ...METRICS.flatMap(key => cells(metrics[key], 4)),
  ])
  const counted = Object.entries(facts).map(([name, fact]) => [name, ...cells(fact, 2)])
  return [
    formatTable(['row', ...METRICS.flatMap(key => [key, 'expected', ''])], results),
    'Train alone is masked at test. RELEASED: held-out data shaped the training set or the mask: not comparable with the other rows.',
    formatTable(['fact of the released files', 'found', 'expected', ''], counted),
    holds ? 'Every figure lies in its band.' : 'OUTSIDE marks figures beyond their band.',
    `Files: ${join(directory, 'repro.json')}`,
  ].join('\n\n')
}

/** A figure, what it should be, and whether it is. */
function cells(checked: Checked | undefined, digits: number): string[] {
  if (!checked) return ['—', '', '']
  const write = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(digits))
  const { value, band, holds } = checked
  if (!band) return [write(value), '', '']
  return [write(value), `${write(band.expected)} ± ${write(band.within)}`, holds ? 'ok' : 'OUTSIDE']
}
