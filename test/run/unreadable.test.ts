/** What is there and cannot be read is neither called missing nor made again. Links in a circle stop root too. */
import { cpSync, existsSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()
const input = writeSmallData(directory)
const sound = join(directory, 'sound')
const FLAGS = ['--dimensions', '8', '--epochs', '2', '--batch-size', '64', '--leaf-size', '8', '--baselines', 'popularity', '--refit', 'none', '--threads', '1', '--quiet'] // biome-ignore format: one line

beforeAll(async () => {
  expect((await runHere(['run', input, '--out', sound, ...FLAGS])).stderr).not.toContain('error')
})

function circle(path: string): void {
  rmSync(path, { recursive: true, force: true })
  symlinkSync(path, path)
}

it.each([
  ['options.json', ['recommend', '--user', 'u1']],
  ['data/split.json', ['recommend', '--user', 'u1']],
  ['train-dtl-ns', ['recommend', '--user', 'u1', '--method', 'dtl-ns']],
  ['train-dtl-ns/manifest.json', ['recommend', '--user', 'u1', '--method', 'dtl-ns']],
  ['train-dtl-ns/model.safetensors', ['recommend', '--user', 'u1', '--method', 'dtl-ns']],
  ['train-base/model.safetensors', ['run']],
  ['train-base/manifest.json', ['run']],
  ['metrics.json', ['compare']],
])('%s that cannot be read is said by %s', async (file, [command, ...rest]) => {
  const run = join(directory, 'copy')
  rmSync(run, { recursive: true, force: true })
  cpSync(sound, run, { recursive: true })
  circle(join(run, file))
  const args = command === 'run' ? [command, input, '--out', run, ...FLAGS] : [command, run, ...rest]
  const { code, stderr } = await runHere(args)
  expect(stderr).toContain(
    `error: ${join(run, file)} cannot be read: its links lead in a circle; give the file itself\n`,
  )
  expect(code).toBe(3)
})

it.each(['loop.csv', 'shop/train.txt'])('data: %s', async file => {
  const path = join(directory, file)
  cpSync(input, join(directory, 'shop'), { recursive: true })
  circle(path)
  const source = file === 'loop.csv' ? path : join(directory, 'shop')
  const { code, stderr } = await runHere(['run', source, '--out', join(directory, 'none'), '--quiet'])
  expect(stderr).toMatch(/^error: \S+ cannot be read: its links lead in a circle/)
  expect(code).toBe(3)
  expect(existsSync(join(directory, 'none'))).toBe(false)
})
