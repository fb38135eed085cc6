import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { studies } from '../../../src/research/studies/index.ts'
import { planted, plantedOptions } from '../../../src/research/studies/planted.ts'
import { runStudy } from '../../../src/research/studies/run-study.ts'
import type { StudyRow } from '../../../src/research/studies/study.ts'
import { planRun } from '../../../src/run/options/plan-run.ts'
import { writeSmallData } from '../../support/cli.ts'
import { sharedDirectory } from '../../support/directory.ts'
import { SMALL_RUN, watchStages } from '../../support/small-run.ts'

const root = sharedDirectory()
const source = writeSmallData(root)
const GRID = { planted: [0.5, 0.2], losses: ['bpr', 'psl'], drawnBy: ['dns'] }

async function ask(options: object = {}, given: object = {}) {
  const watched = watchStages()
  const request = { study: studies.get('noise'), source, directory: join(root, 'planted'), emit: watched.emit }
  const { validateEvery: _, baselines: __, historyAtTest: ___, ...small } = SMALL_RUN
  const written = await runStudy({ ...request, options: { ...GRID, ...options }, given: { ...small, ...given } })
  return { ...written, ...watched, rows: (written.json as { rows: StudyRow[] }).rows }
}

describe('study noise with planted false negatives', () => {
  it('trains each loss with each sampler, and compares what may be drawn with nothing', async () => {
    const { rows, table, header, paragraph, messages, made } = await ask()
    expect(rows.map(({ name }) => name)).toEqual(
      ['bpr', 'psl'].flatMap(loss => ['0.0 %', '20.0 %', '50.0 %'].map(share => `${loss}+dns, ${share}`)),
    )
    expect(table).toHaveLength(6)
    expect(header.at(-1)).toBe('NDCG@20 against none drawn')
    for (const [at, { difference, name }] of rows.entries())
      expect(difference?.against).toBe(at % 3 === 0 ? undefined : `${name.split(',')[0]}, 0.0 %`)
    expect(paragraph).toMatch(
      /^With 50\.0 % of what users like hidden and drawn as negatives like any unobserved item, NDCG@20 changes .* by: bpr\+dns [+−]0\.\d{4} \[/,
    )
    expect(paragraph).toContain('(Measured on validation, which chose nothing: the epochs are fixed, ')
    expect(messages).toContainEqual(
      expect.stringMatching(/^[\d,]+ of [\d,]+ interactions of train are hidden; the validation items are scored, and hidden ones masked\.$/), // biome-ignore format: one line
    )
    // the row where all may be drawn is the base model of the runs, trained once for each loss
    expect(made.filter(stage => stage === 'train-base')).toHaveLength(2)
    expect(made.filter(stage => stage === 'train-dtl-ns')).toHaveLength(4)
  })

  it('shares no negatives with losses on cosines, ranks by cosine, and lets nothing choose the epochs', () => {
    const read = (run: string) =>
      JSON.parse(readFileSync(join(root, 'planted', 'runs', run, 'options.json'), 'utf8')).given
    expect(read('psl+dns-20.0-')).toMatchObject({ sharedNegatives: 0, rankBy: 'cosine', validateEvery: 3 })
    expect(read('bpr+dns-20.0-')).not.toHaveProperty('rankBy')
    // its quantile is that of the shared draws
    const own = plantedOptions.parse({ ...GRID, losses: ['sl-at-k'] })
    const [{ options }] = planted.variants(own, { metric: 'ndcg@20', plan: planRun({}) })
    expect(options).toMatchObject({ rankBy: 'cosine', validateEvery: 300 })
    expect(options).not.toHaveProperty('sharedNegatives')
  })

  it('is not asked on test, and sets what would choose', async () => {
    await expect(ask({ on: 'test' })).rejects.toThrow(
      'study "noise" with --planted scores on the validation data and leaves test closed: leave --on out',
    )
    await expect(ask({}, { validateEvery: 1 })).rejects.toThrow('--validate-every changes no run of study "noise"')
  })
})
