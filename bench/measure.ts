/** Times as they are taken: several samples of each, the processor time beside the clock, and what else was running. */
import { watchOthers } from './machine.ts'

/** One run of what is measured. */
export interface Sample {
  /** by the clock */
  readonly seconds: number
  /** of processor time, over all threads of the process */
  readonly cpuSeconds: number
  /** cores that other processes had meanwhile, on average */
  readonly others: number
}

export interface Work {
  /** multiply-adds */
  readonly macs: number
  /** bytes that are asked for and written, whatever cache they come from */
  readonly bytes: number
}

export interface Measurement {
  readonly group: string
  readonly name: string
  readonly threads: number
  /** of one call */
  readonly samples: readonly Sample[]
  readonly work?: Work
  /** how many times as long the reference takes, on a smaller size */
  readonly reference?: number
  /** seconds by the clock that it is meant to stay below, with two threads on a quiet machine */
  readonly limit?: number
}

/** @returns a function that says what has passed since */
export function startSample(): () => Sample {
  const others = watchOthers()
  const cpu = process.cpuUsage()
  const start = performance.now()
  return () => {
    const { user, system } = process.cpuUsage(cpu)
    return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6, others: others() }
  }
}

/** @param calls that the sample is the mean of */
export async function sample(body: () => unknown, calls = 1): Promise<Sample> {
  const stop = startSample()
  for (let call = 0; call < calls; call++) {
    const result = body()
    if (result instanceof Promise) await result
  }
  const { seconds, cpuSeconds, others } = stop()
  return { seconds: seconds / calls, cpuSeconds: cpuSeconds / calls, others }
}

/** `count` runs, one after the other. */
export async function sampleOften(body: () => unknown, count: number): Promise<Sample[]> {
  const samples: Sample[] = []
  for (let run = 0; run < count; run++) samples.push(await sample(body))
  return samples
}

/** Shorter than this, a sample repeats its call. */
const SHORTEST = 0.06

/** For calls of microseconds: warmed up until compiled, then `count` samples of as many calls as fill 60 ms. */
export async function sampleCalls(call: () => void, count = 5): Promise<Sample[]> {
  let calls = 1
  let { seconds } = await sample(call)
  // the module is compiled again, better, after some thousand turns of its loops
  for (let spent = 0; spent < SHORTEST; spent += seconds * calls) {
    calls = Math.max(1, Math.min(10_000, Math.ceil(SHORTEST / 3 / seconds)))
    seconds = (await sample(call, calls)).seconds
  }
  calls = Math.max(1, Math.ceil(SHORTEST / seconds))
  const samples: Sample[] = []
  for (let run = 0; run < count; run++) samples.push(await sample(call, calls))
  return samples
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * The median of the samples: by the clock, but on one thread by its processor time, which other processes do not touch
 * (beyond the caches that they share).
 */
export const secondsOf = ({ threads, samples }: Pick<Measurement, 'threads' | 'samples'>) =>
  median(samples.map(sample => secondsOfSample(threads, sample)))

export const secondsOfSample = (threads: number, { seconds, cpuSeconds }: Sample) =>
  threads === 1 ? Math.min(seconds, cpuSeconds) : seconds
