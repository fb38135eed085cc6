import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeTable } from '../../src/dataset/table.ts'
import { writeJson } from '../../src/files.ts'
import { writeReport } from '../../src/report/run-report.ts'
import { run } from '../../src/run/run.ts'
import { runStage } from '../../src/run/stage.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()
const source = writeSmallData(directory)
const options = { dimensions: 8, epochs: 2, batchSize: 64, leafSize: 8, baselines: ['popularity'], threads: 1 } as const

const gone = (path: string) => `${path} was removed while it was needed: start the same command again`

it.each([
  ['message', 'data'],
  ['stage-start', 'train-base'],
  ['progress', 'train-base'],
  ['stage-end', 'train-dtl-ns'],
  ['stage-start', 'evaluate-popularity'],
])('a run directory that is removed at %s of %s ends it in one line, and nothing comes back', async (type, stage) => {
  const out = join(directory, `${type}-${stage}`)
  let removed = false
  const running = run({
    directory: out,
    source,
    options,
    emit(event) {
      if (event.type !== type || event.stage !== stage) return
      rmSync(out, { recursive: true })
      removed = true
    },
  })
  await expect(running).rejects.toMatchObject({
    message: `${out} was removed while this run was at work there: start the same command again, and it starts over`,
    exitCode: 3,
  })
  expect(removed).toBe(true)
  expect(existsSync(out)).toBe(false)
})

it('a report does not bring back a run that was removed while it was written', async () => {
  const out = join(directory, 'reported')
  await run({ directory: out, source, options })
  const trees = join(out, 'trees', 'trees.json')
  const kept = readFileSync(trees)
  rmSync(trees)
  await expect(writeReport(out)).rejects.toMatchObject({ message: gone(trees), exitCode: 3 })
  writeFileSync(trees, kept)
  // read when everything was gathered, and before anything is written
  const accuracy = {
    get precision() {
      rmSync(out, { recursive: true, force: true })
      return 1
    },
    ...{ recall: 1, found: 1, planted: 1, candidates: 1, prevalence: 1 },
  }
  await expect(writeReport(out, accuracy as never)).rejects.toThrow(
    `${out} was removed while its report was written: start the same command again`,
  )
  expect(existsSync(out)).toBe(false)
})

it('a file that goes before its directory does is said to be gone', async () => {
  const out = join(directory, 'slowly')
  const reading = (path: string) =>
    run({ directory: out, source, options, until: 'data', finish: async () => void (await readFile(path)) })
  const path = join(out, 'data', 'gone.json')
  await expect(reading(path)).rejects.toMatchObject({ message: gone(path), exitCode: 3 })
  await expect(reading(join(directory, 'elsewhere.json'))).rejects.toThrow('ENOENT')
})

it('what another process has begun there since is left alone', async () => {
  const out = join(directory, 'taken-over')
  const claim = join(out, 'lock-1-2.json')
  const running = run({
    directory: out,
    source,
    options,
    emit({ type, stage }) {
      if (type !== 'stage-start' || stage !== 'trees') return
      rmSync(out, { recursive: true })
      mkdirSync(out)
      writeFileSync(claim, '{}')
    },
  })
  await expect(running).rejects.toThrow('was removed while this run was at work there')
  expect(existsSync(claim)).toBe(true)
})

it('a stage that lost a file while it was made is none: what is left of it is not taken for whole', async () => {
  const out = join(directory, 'stage')
  mkdirSync(out)
  const made = runStage(
    { directory: out, emit: () => {} },
    {
      ...{ name: 'train-base', title: 'Training', options: {}, inputs: {} },
      async compute(folder) {
        await writeJson(join(folder, 'first.json'), 1)
        await writeTable(join(folder, 'second.parquet'), [{ name: 'row', type: 'BIGINT', value: row => row }], 2)
        rmSync(join(folder, 'second.parquet'))
        await writeJson(join(folder, 'third.json'), 3)
      },
      load: async () => 0,
    },
  )
  await expect(made).rejects.toThrow('second.parquet was removed while it was made: start again')
  expect(existsSync(join(out, 'train-base'))).toBe(false)
})
