/** All that a training run needs to go on as if it had never stopped. */
import { readFile } from 'node:fs/promises'
import { writeAtomic } from '../files.ts'
import { decodeTensors, encodeTensors, type Tensor } from '../models/safetensors.ts'
import type { StoppingState } from './early-stopping.ts'

export interface TrainingState {
  /** epochs done */
  readonly epoch: number
  /** Adam steps done */
  readonly step: number
  readonly stopping: StoppingState
  readonly history: readonly EpochRecord[]
  /** spent so far, in all sittings */
  readonly seconds: number
  /** parameters, moments and the best vectors, by name */
  readonly tensors: Readonly<Record<string, Tensor>>
}

/** One line of a learning curve. */
export interface EpochRecord {
  readonly epoch: number
  /** mean over the positives */
  readonly loss: number
  /** share of negatives that scored below their positive */
  readonly accuracy: number
  /** positives without a negative */
  readonly skipped: number
  /** validation Recall@20, where it was measured */
  readonly validation?: number
}

/** Where checkpoints go: a file, or anywhere a caller likes. */
export interface CheckpointStore {
  load(): Promise<TrainingState | undefined>
  /** @param state its tensors are those at work: good until the promise settles */
  save(state: TrainingState): Promise<void>
}

/**
 * One safetensors file, replaced atomically.
 * @param fingerprint of the data and options; a checkpoint with another one is not resumed
 */
export function checkpointFile(path: string, fingerprint: string): CheckpointStore {
  return {
    async load() {
      const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      })
      if (!bytes) return undefined
      const { tensors, metadata } = decodeTensors(bytes, path)
      if (metadata.fingerprint !== fingerprint) return undefined
      return { ...JSON.parse(metadata.state), tensors }
    },
    async save({ tensors, ...state }) {
      await writeAtomic(path, encodeTensors({ tensors, metadata: { fingerprint, state: JSON.stringify(state) } }))
    },
  }
}
