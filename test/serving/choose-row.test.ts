import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { runGiven as run } from '../../src/run/run.ts'
import { openRun } from '../../src/serving/model/open-run.ts'
import { hashArtifacts } from '../support/artifacts.ts'
import { runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()
const at = (name: string) => join(directory, name)
// vectors that have hardly moved, so that a baseline is best
const options = {
  ...{ threads: 1, dimensions: 4, layers: 1, epochs: 1, learningRate: 1e-6, leafSize: 8 },
  ...{ baselines: ['popularity', 'item-knn'], refit: 'none' },
}

beforeAll(async () => {
  await run({ directory: at('run'), source: writeSmallData(directory), options })
})

/** A copy of the run, without some of its folders. */
function copyOf(name: string, ...without: string[]): string {
  cpSync(at('run'), at(name), { recursive: true })
  for (const folder of without) rmSync(join(at(name), folder), { recursive: true })
  return at(name)
}

async function served(path: string) {
  const { info, close } = await openRun(path)
  close()
  return info
}

/** What the row reaches on validation data, best first, as `fit` compared them. */
const compared = (path: string) => JSON.parse(readFileSync(join(path, 'choose', 'rows.json'), 'utf8'))

it('before a fit, serves the best of all rows on validation data, and keeps the comparison', async () => {
  const path = copyOf('finished')
  const before = hashArtifacts(path)
  const { method, choice, metrics, fittedOn } = await served(path)
  expect({ method, choice, fittedOn }).toEqual({
    ...{ method: 'item-knn', choice: 'the best of 4 rows on validation data', fittedOn: 'train' },
  })
  const rows: { method: string; metrics: Record<string, number> }[] = compared(path)
  expect(rows.map(row => row.method).sort()).toEqual(['dtl-ns', 'item-knn', 'lightgcn+mixgcf', 'popularity'])
  expect(metrics).toEqual(rows[0].metrics)
  expect(rows.map(row => row.metrics['recall@20'])).toEqual(
    rows.map(row => row.metrics['recall@20']).toSorted((a, b) => b - a),
  )
  // nothing else of the run changes
  const { 'choose/rows.json': _, ...after } = hashArtifacts(path)
  expect(after).toEqual(before)
})

it('says what it serves, what that was chosen from, and how to fit it', async () => {
  const { code, stderr } = await runHere(['recommend', at('finished'), '--user', 'u1', '--k', '2'])
  expect(code).toBe(0)
  expect(stderr).toContain(
    `Model: item-knn, the best of 4 rows on validation data, fitted on train alone, without what was held out; "dualtree fit ${at('finished')}" fits it on all data.`,
  )
  const named = await runHere(['recommend', at('finished'), '--user', 'u1', '--method', 'popularity'])
  expect(named.stderr).toContain(
    `Model: popularity, fitted on train alone, without what was held out; "dualtree fit ${at('finished')} --method popularity" fits it on all data.`,
  )
})

it('says where a model has no answer', async () => {
  const similar = await runHere(['similar', at('finished'), 'i1', '--method', 'popularity'])
  expect(similar).toMatchObject({ code: 0, stdout: 'No items for i1.\n' })
  expect(similar.stderr).toContain('popularity knows no items similar to these; another row may: --method')
  const none = await runHere(['similar', at('finished'), 'i1', '--only', 'i1'])
  expect(none.stderr).toContain('item-knn knows no items similar to these among those that --only and --exclude leave;')
  const asked = ['recommend', at('finished'), '--user', 'u1', 'u2', '--only', 'i1', '--exclude', 'i1']
  expect((await runHere(asked)).stdout).toBe('No items for u1.\nNo items for u2.\n')
  expect((await runHere(asked)).stderr).toContain(
    '2 answers without items: nothing is left beside the history, and what --exclude, --only or --filter leave out; --allow-seen lists items of the history too',
  )
})

it('where another process is at work, compares all the same and leaves nothing behind', async () => {
  const path = copyOf('busy')
  writeFileSync(join(path, 'lock.json'), JSON.stringify({ pid: 1, host: `not ${hostname()}` }))
  expect((await served(path)).method).toBe('item-knn')
  expect(existsSync(join(path, 'choose'))).toBe(false)
})

it('in a run that was stopped, compares the base model with the baselines', async () => {
  const path = copyOf('stopped', 'train-dtl-ns')
  expect(await served(path)).toMatchObject({ method: 'item-knn', choice: 'the best of 3 rows on validation data' })
  expect(existsSync(join(path, 'train-dtl-ns'))).toBe(false)
})

it('compares baselines where nothing is trained', async () => {
  const path = copyOf('baselines', 'train-dtl-ns', 'train-base')
  expect(await served(path)).toMatchObject({ method: 'item-knn', choice: 'the best of 2 rows on validation data' })
})

it('says so where rows cannot be compared', async () => {
  const path = copyOf('partly', 'train-base')
  expect(await served(path)).toMatchObject({
    method: 'dtl-ns',
    choice: `the best trained row on validation data (baselines were not compared: ${path}: the stage "train-base" is not there, or was made with other options: run "dualtree evaluate ${path}" first)`,
  })
})
