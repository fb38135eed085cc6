import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { UsageError } from '../../errors.ts'
import { writeAtomic } from '../../files.ts'
import { sweepOptions } from '../../research/sweeps/options.ts'
import { parseSpace } from '../../research/sweeps/space.ts'
import { addOptionFlags, addSchemaFlags, givenOf, givenOptions } from '../shared/flags.ts'
import { SEARCH_OPTIONS } from '../shared/help.ts'
import { addOutputFlags, defaultDirectory, inView, type SessionFlags, show } from '../shared/session.ts'
import { formatSweep } from '../shared/sweeps.ts'

export function configure(command: Command): void {
  command
    .argument('<data>', 'file, glob or directory of interactions')
    .option('--out <directory>', 'directory of the search (default: runs/<name of the data>-sweep)')
    .option('--method <name>', 'dtl-ns, a preset, a baseline, or model:objective:sampler', 'dtl-ns')
    .option('--space <file>', 'JSON with the values to try by option (default: the usual ranges of the method)')
  command.optionsGroup('Search options:')
  addSchemaFlags(command, sweepOptions)
  addOutputFlags(addOptionFlags(command, undefined, [...Object.keys(sweepOptions.shape), ...SEARCH_OPTIONS])).action(
    async (source: string, flags: SessionFlags & { method: string; space?: string }) => {
      const directory = flags.out ?? `${defaultDirectory(source)}-sweep`
      const { method } = flags
      const given = givenOptions(flags)
      const space = flags.space === undefined ? {} : { space: await readSpace(flags.space) }
      const { sweep } = await import('../../research/sweeps/sweep.ts')
      const options = givenOf(sweepOptions, flags)
      const result = await inView(flags, watch =>
        sweep({ source, directory, method, ...space, given, options, ...watch }),
      )
      const { sweepFigure } = await import('../../research/sweeps/figure.ts')
      const picture = join(directory, 'sweep.svg')
      await writeAtomic(picture, await sweepFigure(result.trainings, result.settings.metric))
      show(
        { text: `${formatSweep(result)}\n\nFiles: ${join(directory, 'sweep.json')}, ${picture}`, json: result },
        flags,
      )
    },
  )
}

async function readSpace(path: string) {
  const text = await readFile(path, 'utf8').catch(error => {
    throw new UsageError(`--space ${path}: cannot be read (${error.code}); give a JSON file`)
  })
  return parseSpace(text, path)
}
