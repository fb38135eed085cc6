import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { FitContext, LongFit } from '../../src/models/model.ts'
import { inScope } from '../../src/registry.ts'
import { gatherReport } from '../../src/report/run-report.ts'
import { integration } from '../../src/research/studies/integration.ts'
import { planRun } from '../../src/run/options/plan-run.ts'
import { withParts } from '../../src/run/own-parts.ts'
import type { GivenRequest, RunRequest } from '../../src/run/request.ts'
import { run, runGiven } from '../../src/run/run.ts'
import type { RunEvent } from '../../src/run/stage.ts'
import { samplers } from '../../src/samplers/index.ts'
import { defineSampler } from '../../src/samplers/sampler.ts'
import { uniform } from '../../src/samplers/uniform.ts'
import { openRun } from '../../src/serving/model/open-run.ts'
import { coCount } from '../docs/parts/co-count.ts'
import { easiest } from '../docs/parts/easiest.ts'
import { hinge } from '../docs/parts/hinge.ts'
import { libsvm } from '../docs/parts/libsvm.ts'
import { rPrecision } from '../docs/parts/r-precision.ts'
import { sameLeaf } from '../docs/parts/same-leaf.ts'
import { QUICK, runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()
const TINY = { threads: 1, dimensions: 4, layers: 1, epochs: 2, batchSize: 256, leafSize: 8, baselines: ['popularity'] }
const at = (name: string) => join(directory, name)
let source: string
beforeAll(() => {
  source = writeSmallData(directory)
})

const made = async (request: Partial<RunRequest> & { directory: string }) => {
  const stages: string[] = []
  const result = await run({
    source,
    ...request,
    emit: event => event.type === 'stage-end' && !event.reused && stages.push(event.stage),
  })
  return { ...result, stages }
}

describe('a run with parts of its own', () => {
  it('has a row for a sampler and a baseline, and a column for a metric; report, comparison and serving know them', async () => {
    const parts = [easiest, coCount, rPrecision]
    const { metrics } = await run({ directory: at('own'), source, parts, options: TINY })
    const methods = [...new Set(metrics!.rows.map(({ method }) => method))]
    expect(methods).toEqual(expect.arrayContaining(['co-count', 'lightgcn+easiest', 'dtl-ns']))
    expect(metrics!.rows.find(({ method }) => method === 'co-count')?.metrics['r-precision@20']).toBeGreaterThan(0)
    expect((await gatherReport(at('own'))).rows.map(({ method }) => method)).toEqual(expect.arrayContaining(methods))
    const { stdout } = await runHere(['compare', at('own'), '--method', 'lightgcn+easiest', '--json', '--quiet'])
    expect(stdout).toContain('"lightgcn+easiest"')
    await withParts(parts, () => openRun(at('own'), 'co-count'))
    // nobody else sees them
    expect(samplers.names).not.toContain('easiest')
  })

  it('stops a long fit between its steps, with what was done in the scratch folder of its stage, and resumes it', async () => {
    const stop = new AbortController()
    const happened: string[] = []
    const scratch = at('slow/evaluate-slow.partial/scratch/fit')
    const slow = {
      ...{ ...coCount, name: 'slow' },
      longFit(context: FitContext, options: unknown): LongFit {
        let done = 0
        return {
          ...{ forecast: 'Three steps.', steps: 3, recommender: () => coCount.fit(context, options) },
          get done() {
            return done
          },
          step() {
            happened.push(`step ${++done}`)
            if (happened.length === 2) stop.abort(new Error('Ctrl-C'))
          },
          save: async path => void happened.push(`save ${path === scratch}`),
          async resume(path) {
            // the two steps of the fit that was stopped
            if (happened.length > 0) done = 2
            return path === scratch && done > 0
          },
        }
      },
    }
    const messages: string[] = []
    const request = {
      ...{ directory: at('slow'), source, parts: [slow], options: TINY, until: 'baselines' as const },
      emit: (event: RunEvent) =>
        event.type === 'message' && event.stage === 'evaluate-slow' && messages.push(event.text),
    }
    await expect(run({ ...request, signal: stop.signal })).rejects.toThrow('Ctrl-C')
    expect(happened).toEqual(['step 1', 'step 2', 'save true'])
    const { metrics } = await run(request)
    expect(happened.at(-1)).toBe('step 3')
    expect(messages).toEqual(['Three steps.', 'Three steps.', 'Resuming after 2 of 3 steps.'])
    expect(metrics!.rows.map(({ method }) => method)).toContain('slow')
  })

  it('takes parts as values of options, and checks their options like any other', async () => {
    const plan = (options: GivenRequest['options']) =>
      runGiven({ directory: at('plan'), source, until: 'data', options: { ...options } }).then(result => result.plan)
    expect(await plan({ sampler: 'dual-tree', base: easiest, candidateNegatives: 7 })).toMatchObject({
      sampler: { options: { base: 'easiest', candidateNegatives: 7 } },
    })
    expect(await plan({ objective: hinge, margin: 2, judge: sameLeaf, compare: [easiest] })).toMatchObject({
      objective: { name: 'hinge', options: { margin: 2 } },
      judge: { name: 'same-leaf' },
      compare: [{ name: 'easiest' }],
    })
    await expect(plan({ objective: hinge, margin: -1 })).rejects.toThrow(
      'objective "hinge": --margin: expected more than 0, got -1',
    )
    await expect(plan({ objective: 'bpr', margin: 2 })).rejects.toThrow('unknown option --margin')
    await expect(plan({ sampler: 'easiest' })).rejects.toThrow('--sampler: expected one of uniform, ')
  })

  it('reads a format of its own', async () => {
    writeFileSync(
      at('rows.txt'),
      Array.from({ length: 40 }, (_, user) => `${user} ${user % 7}:1 ${7 + (user % 5)}:2 ${12 + (user % 3)}:1\n`).join(
        '',
      ),
    )
    const request = { directory: at('format'), source: at('rows.txt'), until: 'data' as const }
    const { data } = await run({ ...request, parts: [libsvm] })
    expect(data.value.train.users).toBe(40)
  })

  it('makes again what a part of another version would make, and nothing else', async () => {
    const options = { ...TINY, compare: [] }
    const version = (version: string) => made({ directory: at('versions'), parts: [{ ...easiest, version }], options })
    await version('1')
    expect((await version('1')).stages).toEqual([])
    expect((await version('2')).stages).toEqual(['train-lightgcn+easiest', 'refit-lightgcn+easiest'])
  })
})

describe('a part is refused', () => {
  const sampler = (changes: object) => ({ ...uniform, name: 'mine', ...changes })
  it.each([
    ['of a name that there is', uniform, 'sampler "uniform": there is one of that name already; give this one another'],
    ['with an option of another group', sampler({ options: z.object({ epochs: z.int().default(3).describe('how many') }) }), 'sampler "mine": --epochs is an option of the group Training already; give its option another name'],
    ['that is none', { name: 'x' }, 'parts: expected what defineSampler and its like make, got an object with name'],
  ])('%s', (_, part, message) => {
    expect(() => withParts([part as typeof uniform], () => planRun({}))).toThrow(message)
  }) // biome-ignore format: a case a line

  it('alone: two runs at a time may have different ones of one name', async () => {
    const named = (summary: string) =>
      defineSampler({
        ...uniform,
        name: 'mine',
        summary,
        options: z.object({}),
        create: context => uniform.create(context, {}),
      })
    const seen = ['one', 'another'].map(summary =>
      withParts([named(summary)], async () => {
        await new Promise(resolve => setTimeout(resolve, 5))
        return samplers.get('mine').summary
      }),
    )
    expect(await Promise.all(seen)).toEqual(['one', 'another'])
  })
})

describe('--plugin', () => {
  const plugin = at('my-sampler.ts')
  beforeAll(async () => {
    const code = await readFile(resolve(import.meta.dirname, '../docs/parts/hinge.ts'), 'utf8')
    const sampler = await readFile(resolve(import.meta.dirname, '../docs/parts/easiest.ts'), 'utf8')
    const absolute = (text: string) =>
      text
        .replaceAll("'../../../src", `'${resolve(import.meta.dirname, '../../src')}`)
        .replaceAll("from 'zod'", `from '${import.meta.resolve('zod').replace('file://', '')}'`)
    writeFileSync(plugin, absolute(sampler))
    writeFileSync(at('my-objective.ts'), absolute(code).replace('export const hinge =', 'export default'))
  })

  it('gives parts of a module a row, flags and a place in lists, by a relative path', async () => {
    const args = ['run', source, '--out', at('plugged'), ...QUICK, '--quiet']
    const { code, stdout, stderr } = await runHere(
      [...args, '--plugin', './my-sampler.ts', '--plugin=my-objective.ts', '--objective', 'hinge', '--margin', '0.5'],
      { cwd: directory },
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^lightgcn\+easiest +refit +\.\d{4}/m)
    const { plan } = JSON.parse(await readFile(join(at('plugged'), 'options.json'), 'utf8'))
    expect(plan.objective).toEqual({
      name: 'hinge',
      options: { margin: 0.5 },
      version: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
    expect(await readFile(join(at('plugged'), 'report.html'), 'utf8')).toContain('lightgcn+easiest')
    expect((await runHere(['list', 'samplers', '--plugin', plugin])).stdout).toContain('\n  easiest\n')
    expect((await runHere(['run', '--help-all', '--plugin', at('my-objective.ts')])).stdout).toContain('--margin <x>')
    expect(samplers.names).not.toContain('easiest')
  })

  it('says what is wrong with a module', async () => {
    writeFileSync(at('nothing.ts'), 'export const x = 1\n')
    expect(await runHere(['list', '--plugin', at('nothing.ts')])).toMatchObject({
      code: 2,
      stderr: `error: --plugin ${at('nothing.ts')}: exports no part: export what defineSampler and its like make\n`,
    })
    expect((await runHere(['list', '--plugin', at('none.ts')])).stderr).toMatch(
      /^error: --plugin .*none\.ts: cannot be loaded: /,
    )
  })
})

it('a study knows own samplers where they are, and forgets them', () => {
  const known = () => integration.options.parse({}).samplers
  expect(inScope({ sampler: [easiest] }, known)).toContain('easiest')
  expect(known()).not.toContain('easiest')
})
