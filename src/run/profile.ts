/** `profile.json`: where the time of a run went, stage by stage and kernel by kernel. */
import { join } from 'node:path'
import { findJson, writeJson } from '../files.ts'
import type { Kernels } from '../kernels/interface/kernels.ts'
import { type KernelTime, profileKernels } from '../kernels/wasm/profile.ts'
import type { RunEvent } from './stage.ts'

/** A stage, as it was made. */
export interface StageProfile {
  readonly stage: string
  readonly seconds: number
  /** longest first; what is left of the seconds was spent outside the kernels */
  readonly kernels: readonly KernelTime[]
}

export interface Profile {
  readonly threads: number
  readonly stages: readonly StageProfile[]
}

export interface Profiler {
  readonly kernels: Kernels
  /** Takes the time of a stage that has ended. */
  observe(event: RunEvent): void
  /** Stages that were reused keep what an earlier run wrote of them. */
  write(directory: string): Promise<void>
}

export function createProfiler(plain: Kernels): Profiler {
  const { kernels, take } = profileKernels(plain)
  const stages: StageProfile[] = []
  return {
    kernels,
    observe(event) {
      if (event.type !== 'stage-end') return
      const times = take()
      if (!event.reused) stages.push({ stage: event.stage, seconds: event.seconds, kernels: times })
    },
    async write(directory) {
      const made = new Set(stages.map(({ stage }) => stage))
      const kept = (await readProfile(directory))?.stages.filter(({ stage }) => !made.has(stage)) ?? []
      const profile: Profile = { threads: plain.threads, stages: [...kept, ...stages] }
      await writeJson(join(directory, FILE), profile)
    },
  }
}

const FILE = 'profile.json'

/** The profile that a run was asked for, or undefined. */
export function readProfile(directory: string): Promise<Profile | undefined> {
  return findJson(join(directory, FILE), `run "dualtree evaluate ${directory}"`)
}
