import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatResults } from '../../src/cli/shared/results.ts'
import { summarize } from '../../src/report/run-report.ts'
import type { RunRequest } from '../../src/run/request.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { SMALL_RUN, watchStages } from '../support/small-run.ts'

const directory = sharedDirectory()
const store = join(directory, 'store')
const source = writeSmallData(directory)

async function runAs(name: string, options: RunRequest['options'] = {}, request: Partial<RunRequest> = { store }) {
  const { emit, reused, made } = watchStages()
  const result = await run({
    ...request,
    directory: join(directory, name),
    source,
    options: { ...SMALL_RUN, ...options },
    emit,
  })
  return { ...result, reused, made }
}

describe('a store of stages', () => {
  it('lets a second run take what the first made, to the byte, and make only what differs', async () => {
    const first = await runAs('first')
    expect(first.reused).toEqual([])
    const second = await runAs('second', { judge: 'accept-all' })
    expect(second.reused).toEqual([
      'data',
      'train-base',
      'trees',
      'candidates',
      'evaluate-popularity',
      'evaluate-mf+mixgcf',
    ])
    expect(second.made).toEqual(['judge', 'train-dtl-ns', 'evaluate-dtl-ns'])
    const model = (name: string) => readFileSync(join(directory, name, 'train-base', 'model.safetensors'))
    expect(model('second')).toEqual(model('first'))
    const alone = await runAs('alone', { judge: 'accept-all' }, {})
    expect(alone.reused).toEqual([])
    const figures = ({ metrics }: typeof alone) => metrics!.rows.map(row => row.metrics)
    expect(figures(second)).toEqual(figures(alone))
  })

  it('does not take what is damaged', async () => {
    const [stored] = readdirSync(store).filter(name => name.startsWith('trees-'))
    writeFileSync(join(store, stored, 'trees.json'), '{}')
    const { made, reused } = await runAs('third')
    expect(made).toEqual(['trees'])
    expect(reused).toContain('train-dtl-ns')
    expect(existsSync(join(directory, 'third', 'trees', 'codes.parquet'))).toBe(true)
    expect((await runAs('fourth')).made).toEqual([])
  })

  it('trains again with other trees only what uses them', async () => {
    const compare = ['dns', 'dual-tree']
    await runAs('trees', { compare })
    const { made, reused } = await runAs('other-trees', { compare, leafSize: 4 })
    expect(reused).toEqual(expect.arrayContaining(['train-base', 'train-mf+dns', 'evaluate-mf+dns']))
    expect(made).toEqual(expect.arrayContaining(['trees', 'judge', 'train-mf+dual-tree', 'train-dtl-ns']))
  })
})

describe('evaluateOn', () => {
  it('valid measures on validation, masks train alone, and says so', async () => {
    const { metrics, plan } = await runAs('on-valid', { evaluateOn: 'valid' })
    expect(metrics).toMatchObject({ evaluatedOn: 'valid' })
    const history = JSON.parse(readFileSync(join(directory, 'on-valid', 'train-base', 'history.json'), 'utf8'))
    const best = history.history.find(({ epoch }: { epoch: number }) => epoch === history.bestEpoch)
    // what early stopping saw is what the table says
    expect(metrics!.rows.find(({ method }) => method === 'mf+mixgcf')!.metrics['recall@20']).toBe(best.validation)
    expect(formatResults(metrics!, 300)).toContain(
      'measured on validation, which chose the epochs of trained rows; test was not opened',
    )
    expect(summarize(metrics!, plan)).toContain('strict protocol, one seed, on validation)')
  })
})
