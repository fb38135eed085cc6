import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readProfile } from '../../src/run/profile.ts'
import { run } from '../../src/run/run.ts'
import { hashArtifacts } from '../support/artifacts.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()

it('a profiled run says what each kernel of each stage took, and changes nothing else', async () => {
  const source = writeSmallData(directory)
  const options = { dimensions: 8, layers: 2, epochs: 4, batchSize: 64, leafSize: 8, threads: 1 }
  const at = (name: string) => join(directory, name)
  await run({ source, directory: at('plain'), options })
  await run({ source, directory: at('profiled'), options: { ...options, profile: true } })
  expect(hashArtifacts(at('profiled'))).toEqual(hashArtifacts(at('plain')))
  expect(await readProfile(at('plain'))).toBeUndefined()

  const { threads, stages } = (await readProfile(at('profiled')))!
  expect(threads).toBe(1)
  const training = stages.find(({ stage }) => stage === 'train-base')!
  const { history } = JSON.parse(readFileSync(join(at('profiled'), 'train-base', 'history.json'), 'utf8'))
  const steps = training.kernels.find(({ kernel }) => kernel === 'adam')!.calls
  expect(steps % history.length).toBe(0)
  expect(steps).toBeGreaterThan(history.length)
  const inKernels = training.kernels.reduce((sum, { seconds }) => sum + seconds, 0)
  expect(inKernels).toBeGreaterThan(0)
  expect(inKernels).toBeLessThanOrEqual(training.seconds)
  expect(training.kernels.map(({ seconds }) => seconds)).toEqual(
    training.kernels.map(({ seconds }) => seconds).toSorted((a, b) => b - a),
  )

  // what is not made again keeps its times
  await run({ source, directory: at('profiled'), options: { ...options, profile: true } })
  expect((await readProfile(at('profiled')))!.stages).toEqual(stages)
})
