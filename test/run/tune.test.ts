import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { planRun } from '../../src/run/options/plan-run.ts'
import type { RunResult } from '../../src/run/request.ts'
import { runGiven as run } from '../../src/run/run.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { SMALL_RUN, watchStages } from '../support/small-run.ts'

const directory = sharedDirectory()
const source = writeSmallData(directory)
const options = {
  ...SMALL_RUN,
  baselines: ['popularity', 'rp3beta'],
  tune: ['rp3beta', 'ordered-walk'],
  fuseWith: 'tuned',
  candidateModel: 'tuned',
  rp3betaAlpha: 0.7,
}

describe('a run that tunes baselines', () => {
  const out = join(directory, 'tuned')
  const watched = watchStages()
  let result: RunResult

  beforeAll(async () => {
    result = await run({ directory: out, source, options, emit: watched.emit })
  })

  it('uses what it found wherever the baseline is used, and keeps what was given', () => {
    const { best, trials } = JSON.parse(readFileSync(join(out, 'tune-rp3beta', 'search.json'), 'utf8'))
    expect(trials.length).toBeGreaterThan(5)
    expect(best.options.alpha).toBe(0.7)
    expect(result.plan.baselines[1]).toEqual({ name: 'rp3beta', options: best.options })
    expect(result.plan.proposer).toEqual({ name: 'rp3beta', options: best.options })
    expect(result.plan.fusion!.baseline).toEqual({ name: 'rp3beta', options: best.options })
    expect(JSON.parse(readFileSync(join(out, 'options.json'), 'utf8')).plan.fusion).toEqual(result.plan.fusion)
    expect(result.metrics!.rows.find(({ method }) => method === 'rp3beta')!.options).toEqual(best.options)
  })

  it('says what it chose and why, and what could not be searched', () => {
    expect(watched.messages).toContainEqual(
      expect.stringMatching(/^Not searched: baseline "ordered-walk" needs the order of interactions/),
    )
    expect(watched.messages).toContainEqual(
      expect.stringMatching(
        /^rp3beta (with --rp3beta-\S+ .*|as it was): Recall@20 0\.\d{4}, NDCG@20 0\.\d{4} on validation, the best of \d+ settings/,
      ),
    )
    expect(watched.messages).toContain('Best of them on validation: rp3beta.')
  })

  it('is reused as a whole, with the same plan', async () => {
    const again = watchStages()
    const second = await run({ directory: out, source, options, emit: again.emit })
    expect(again.made).toEqual([])
    expect(second.plan).toEqual(result.plan)
  })

  it('never searches on test: the same search comes out when other items are held out there', async () => {
    const trials = (folder: string) => readFileSync(join(directory, folder, 'tune-rp3beta', 'search.json'), 'utf8')
    const valid = { ...options, evaluateOn: 'valid' }
    await run({ directory: join(directory, 'closed'), source, options: valid })
    expect(trials('closed')).toBe(trials('tuned'))
  })
})

describe('tuned', () => {
  it('needs something that is tuned', () => {
    expect(() => planRun({ fuseWith: 'tuned' })).toThrow(
      '"tuned" is the best of the baselines that are searched: name some with --tune',
    )
  })

  it('is refused where no baseline fits the data', async () => {
    const alone = { ...SMALL_RUN, tune: ['ordered-walk'], fuseWith: 'tuned' }
    await expect(run({ directory: join(directory, 'none'), source, options: alone })).rejects.toThrow(
      /^--tune: baseline "ordered-walk" needs the order of interactions/,
    )
  })
})
