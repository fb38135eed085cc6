/** All that a training run needs to go on as if it had never stopped. */
import { createHash } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { basename } from 'node:path'
import { cannotWrite, readWhole, writeAtomic } from '../files.ts'
import { decodeTensors, encodeTensors, type Tensor } from '../models/safetensors.ts'
import type { StoppingState } from './early-stopping.ts'

export interface TrainingState {
  /** epochs done */
  readonly epoch: number
  /** Adam steps done */
  readonly step: number
  readonly stopping: StoppingState
  readonly history: readonly EpochRecord[]
  /** spent so far, in all sessions */
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
 * A safetensors file with a digest of its content, and the one before it beside: replaced atomically.
 * @param fingerprint of the data and options; a checkpoint with another one is not resumed
 * @param say is told of a checkpoint that is damaged and therefore dropped
 */
export function checkpointFile(
  path: string,
  fingerprint: string,
  say: (text: string) => void = () => {},
): CheckpointStore {
  const earlier = `${path}.previous`
  return {
    async load() {
      for (const file of [path, earlier]) {
        const found = await readCheckpoint(file, fingerprint)
        if (found === 'damaged')
          say(
            `The checkpoint ${basename(file)} is damaged and is dropped: training resumes from an earlier one, or starts again.`,
          )
        else if (found) return found
      }
      return undefined
    },
    async save({ tensors, ...state }) {
      const text = JSON.stringify(state)
      const metadata = { fingerprint, state: text, digest: digestOf(tensors, fingerprint + text) }
      await rename(path, earlier).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw cannotWrite(earlier, error)
      })
      await writeAtomic(path, encodeTensors({ tensors, metadata }))
    },
  }
}

/** @returns undefined where there is none of this fingerprint */
async function readCheckpoint(path: string, fingerprint: string): Promise<TrainingState | 'damaged' | undefined> {
  const bytes = await readWhole(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!bytes) return undefined
  try {
    const { tensors, metadata } = decodeTensors(bytes, path)
    if (metadata.digest !== digestOf(tensors, metadata.fingerprint + metadata.state)) return 'damaged'
    return metadata.fingerprint === fingerprint ? { ...JSON.parse(metadata.state), tensors } : undefined
  } catch {
    return 'damaged'
  }
}

/** Bytes that are hashed at a time, of 2 GiB that may be. */
const PIECE = 2 ** 30

/** SHA-256 over fingerprint and state and the bytes of the tensors, with their names. */
function digestOf(tensors: TrainingState['tensors'], words: string): string {
  const hash = createHash('sha256').update(words)
  for (const name of Object.keys(tensors).sort()) {
    const { values } = tensors[name]
    hash.update(name)
    const { buffer, byteOffset, byteLength } = values
    for (let at = 0; at < byteLength; at += PIECE)
      hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(PIECE, byteLength - at)))
  }
  return hash.digest('hex')
}
