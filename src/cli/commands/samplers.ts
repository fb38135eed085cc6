/** `dualtree samplers`: what there is to say of samplers. */
import type { Command } from 'commander'
import { z } from 'zod'
import { writeAtomic } from '../../files.ts'
import { integer } from '../../options.ts'
import { optionGroups } from '../../run/options/groups.ts'
import { commandGroup, local } from '../shared/add-commands.ts'
import { addOptionFlags, addSchemaFlags, givenOf, givenOptions } from '../shared/flags.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../shared/session.ts'
import { formatColumns } from '../shared/table.ts'

export const { subcommands, configure } = commandGroup([
  { name: 'bench', summary: 'all samplers on the same vectors, in one table', load: local(bench) },
])

const benchOptions = z.object({
  benchBatches: integer(1, 100_000, 'batches')
    .default(20)
    .describe('batches of the first epoch that every sampler draws for, or all there are'),
})

function bench(command: Command): void {
  command
    .argument('<data>', 'file, glob or directory of interactions')
    .option('--svg <file>', 'write the figures as a picture too')
  command.optionsGroup('Bench options:')
  addSchemaFlags(command, benchOptions)
  const groups = ['Run', 'Data', 'Training', 'Model', 'Sampler', 'Objective', 'Trees']
  addOutputFlags(addOptionFlags(command, groups)).action(
    async (source: string, flags: SessionFlags & { svg?: string }) => {
      const { benchBatches } = benchOptions.parse(givenOf(benchOptions, flags))
      const { benchData } = await import('../../research/sampler-bench/bench-samplers.ts')
      const given = givenOptions(flags)
      const names = optionGroups()
        .find(({ title }) => title === 'Sampler')!
        .options.map(({ name }) => name)
      const samplerOptions = Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)))
      const { figures, ...about } = await inView(
        flags,
        watch => benchData({ source, given, samplerOptions, batches: benchBatches, ...watch }),
        'starts over',
      )
      if (flags.svg !== undefined) {
        const { samplersFigure } = await import('../../research/sampler-bench/figure.ts')
        await writeAtomic(flags.svg, await samplersFigure(figures))
      }
      const table = formatColumns(figures, [
        ['sampler', own => own.sampler],
        ['draws', own => own.draws.toFixed(1)],
        ['refused', own => own.rejections.toFixed(3)],
        ['valid. positives', own => `${(100 * own.validationPositives).toFixed(3)} %`],
        ['hardness', own => own.hardness.toPrecision(3)],
        ['gradient', own => own.gradientNorm.toExponential(2)],
        ['µs', own => own.microseconds.toFixed(2)],
      ])
      const { model, objective, epochs, seed, data } = about
      const state = `${model} after ${epochs} epochs of ${objective} with uniform negatives; seed ${seed}, data hash ${data.slice(0, 12)}.`
      const note =
        'For one positive: items drawn, of them refused; share of the picked items that are held-out validation positives; ' +
        'mean score of the negative minus that of the positive; length of the gradient of a batch; time of the sampler.'
      show({ text: `${table}\n\n${note}\n${state}`, json: { ...about, figures } }, flags)
    },
  )
}
