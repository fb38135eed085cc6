import type { Command } from 'commander'
import { z } from 'zod'
import { writeAtomic } from '../../../files.ts'
import { optionGroups } from '../../../run/options/groups.ts'
import { addOptionFlags, addSchemaFlags, givenOf, givenOptions } from '../../shared/flags.ts'
import { addOutputFlags, inView, type SessionFlags, show } from '../../shared/session.ts'
import { formatTable } from '../../shared/table.ts'

const benchOptions = z.object({
  benchBatches: z
    .int()
    .min(1)
    .max(100_000)
    .default(20)
    .describe('batches of the first epoch that every sampler draws for, or all there are')
    .meta({ unit: 'batches' }),
})

interface BenchFlags extends SessionFlags {
  readonly svg?: string
}

export function configure(command: Command): void {
  command
    .argument('<data>', 'file, glob or directory of interactions')
    .option('--svg <file>', 'write the figures as a picture too')
  command.optionsGroup('Bench options:')
  addSchemaFlags(command, benchOptions)
  const groups = ['Run', 'Data', 'Training', 'Model', 'Sampler', 'Objective', 'Trees']
  addOutputFlags(addOptionFlags(command, groups)).action(async (source: string, flags: BenchFlags) => {
    const { benchBatches } = benchOptions.parse(givenOf(benchOptions, flags))
    const { benchData } = await import('../../../research/sampler-bench/bench-samplers.ts')
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
      const { samplersFigure } = await import('../../../research/sampler-bench/figure.ts')
      await writeAtomic(flags.svg, await samplersFigure(figures))
    }
    const rows = figures.map(own => [
      own.sampler,
      own.draws.toFixed(1),
      own.rejections.toFixed(3),
      `${(100 * own.validationPositives).toFixed(3)} %`,
      own.hardness.toPrecision(3),
      own.gradientNorm.toExponential(2),
      own.microseconds.toFixed(2),
    ])
    const header = ['sampler', 'draws', 'refused', 'valid. positives', 'hardness', 'gradient', 'µs']
    const { model, objective, epochs, seed, data } = about
    const state = `${model} after ${epochs} epochs of ${objective} with uniform negatives; seed ${seed}, data hash ${data.slice(0, 12)}.`
    const note =
      'For one positive: items drawn, of them refused; share of the picked items that are held-out validation positives; ' +
      'mean score of the negative minus that of the positive; length of the gradient of a batch; time of the sampler.'
    show({ text: `${formatTable(header, rows)}\n\n${note}\n${state}`, json: { ...about, figures } }, flags)
  })
}
