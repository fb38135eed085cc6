import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkpointFile, type TrainingState } from '../../src/training/checkpoint.ts'
import { temporaryDirectory } from '../support/directory.ts'

const stateAt = (epoch: number): TrainingState => ({
  epoch,
  step: 10 * epoch,
  stopping: { best: 0.5, bestEpoch: epoch, waited: 0, drops: [] },
  history: [],
  seconds: epoch,
  tensors: {
    users: { shape: [4], values: Float32Array.of(epoch, 2, 3, 4) },
    memory: { shape: [2], values: Int32Array.of(7, epoch) },
  },
})

async function saved() {
  const path = join(await temporaryDirectory(), 'checkpoint.safetensors')
  const said: string[] = []
  const store = checkpointFile(path, 'key', text => said.push(text))
  await store.save(stateAt(1))
  await store.save(stateAt(2))
  return { path, said, store }
}

describe('a checkpoint', () => {
  it('comes back as it was saved, for its own fingerprint alone', async () => {
    const { path, store, said } = await saved()
    expect(await store.load()).toEqual(stateAt(2))
    expect(await checkpointFile(path, 'other').load()).toBeUndefined()
    expect(said).toEqual([])
  })

  it('with any flipped bit, cut off or empty is dropped and said: the one before is taken', async () => {
    const { path, store, said } = await saved()
    const whole = readFileSync(path)
    const damaged = [whole.subarray(0, 0), whole.subarray(0, 7), whole.subarray(0, whole.length - 1)]
    for (let byte = 0; byte < whole.length; byte += 13) {
      const flipped = Buffer.from(whole)
      flipped[byte] ^= 1 << (byte % 8)
      damaged.push(flipped)
    }
    for (const bytes of damaged) {
      writeFileSync(path, bytes)
      const state = await store.load()
      // a flip in the padding of the header changes nothing that is read
      if (said.length === 0) expect(state).toEqual(stateAt(2))
      else {
        expect(state).toEqual(stateAt(1))
        expect(said).toEqual([
          'The checkpoint checkpoint.safetensors is damaged and is dropped: training resumes from an earlier one, or starts again.',
        ])
      }
      said.length = 0
    }
  })

  it('is no reason to stop when the one before is damaged as well: training starts again', async () => {
    const { path, store, said } = await saved()
    writeFileSync(path, '')
    writeFileSync(`${path}.previous`, 'x')
    expect(await store.load()).toBeUndefined()
    expect(said).toHaveLength(2)
  })
})
