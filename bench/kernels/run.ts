/** Every kernel of the interface on a data set's graph, and against the reference on a small one. */
import type { Dataset } from '../../src/dataset/dataset.ts'
import type { Kernels } from '../../src/kernels/interface/kernels.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { createKernels } from '../../src/kernels/wasm/wasm.ts'
import { type Measurement, sampleCalls, secondsOf } from '../measure.ts'
import { blockCases } from './blocks.ts'
import type { KernelCase } from './case.ts'
import { linearCases } from './linear.ts'
import { neighborCases } from './neighbors.ts'
import { pairCases } from './pairs.ts'
import { rankingCases } from './ranking.ts'
import { samplingCases } from './sampling.ts'
import { statisticsCases } from './statistics.ts'
import { sweepCases } from './sweep.ts'
import { vectorCases } from './vectors.ts'
import { createWorld } from './world.ts'

export const kernelCases: readonly KernelCase[] = [
  ...linearCases,
  ...samplingCases,
  ...pairCases,
  ...rankingCases,
  ...neighborCases,
  ...blockCases,
  ...vectorCases,
  ...sweepCases,
  ...statisticsCases,
]

/** B of the full size and of the one that the reference is given. */
const BATCH = 2048
const SMALL_BATCH = 256

export const nameOf = ({ kernel, variant }: KernelCase) => (variant ? `${kernel}, ${variant}` : kernel)

/** @param small what fast and reference kernels are compared on */
export async function measureKernels(
  cases: readonly KernelCase[],
  data: Dataset,
  small: Dataset,
  threadCounts: readonly number[],
): Promise<Measurement[]> {
  const ratios = await referenceRatios(cases, small)
  const measurements: Measurement[] = []
  for (const threads of threadCounts) {
    const kernels = createKernels({ threads })
    const world = createWorld(kernels, data, BATCH)
    for (const own of cases) {
      const measured = await kernels.memory.scope(async () => {
        const { run, macs, bytes } = own.prepare(world)
        return { samples: await sampleCalls(run), work: { macs, bytes } }
      })
      const name = nameOf(own)
      const reference = threads === 1 ? ratios.get(name) : undefined
      measurements.push({ group: 'kernels', name, threads, ...measured, ...(reference && { reference }) })
    }
    kernels.close()
  }
  return measurements
}

/** How many times as long the reference takes, both on one thread. */
async function referenceRatios(cases: readonly KernelCase[], small: Dataset): Promise<Map<string, number>> {
  const seconds = async (kernels: Kernels) => {
    const world = createWorld(kernels, small, SMALL_BATCH)
    const times: number[] = []
    for (const own of cases)
      times.push(secondsOf({ threads: 1, samples: await sampleCalls(own.prepare(world).run, 3) }))
    return times
  }
  const fast = await seconds(createKernels())
  const reference = await seconds(createReferenceKernels())
  return new Map(cases.map((own, index) => [nameOf(own), reference[index] / fast[index]]))
}
