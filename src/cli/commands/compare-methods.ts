import { join } from 'node:path'
import type { Command } from 'commander'
import { UsageError } from '../../errors.ts'
import { sweepOptions } from '../../research/sweeps/options.ts'
import { addOptionFlags, addSchemaFlags, givenOf, givenOptions } from '../shared/flags.ts'
import { SEARCH_OPTIONS } from '../shared/help.ts'
import { addOutputFlags, defaultDirectory, inView, type SessionFlags, show } from '../shared/session.ts'
import { formatMethods } from '../shared/sweeps.ts'

export function configure(command: Command): void {
  command
    .argument('<data>', 'file, glob or directory of interactions')
    .requiredOption(
      '--methods <a,b,…>',
      'baselines, presets, dtl-ns, or model:objective:sampler, such as ease,lightgcn:bpr:mixgcf',
    )
    .option('--out <directory>', 'directory of the comparison (default: runs/<name of the data>-methods)')
  command.optionsGroup('Search options (of every method alike):')
  addSchemaFlags(command, sweepOptions)
  addOutputFlags(addOptionFlags(command, undefined, [...Object.keys(sweepOptions.shape), ...SEARCH_OPTIONS])).action(
    async (source: string, flags: SessionFlags & { methods: string }) => {
      const methods = flags.methods.split(',').filter(name => name !== '')
      if (methods.length === 0)
        throw new UsageError(`--methods "${flags.methods}": expected one or more methods, such as ease,recommended`)
      const { seeds = 1, ...given } = givenOptions(flags)
      const { compareTunedMethods } = await import('../../research/sweeps/compare-methods.ts')
      const directory = flags.out ?? `${defaultDirectory(source)}-methods`
      const options = givenOf(sweepOptions, flags)
      const result = await inView(flags, watch =>
        compareTunedMethods({ source, directory, methods, given, options, seeds: seeds as number, ...watch }),
      )
      show({ text: `${formatMethods(result)}\n\nFile: ${join(directory, 'methods.json')}`, json: result }, flags)
    },
  )
}
