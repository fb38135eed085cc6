import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readTable } from '../../src/dataset/table.ts'
import { metricsFileSchema } from '../../src/run/metrics-file.ts'
import { listParts } from '../../src/run/parts.ts'
import { samplers } from '../../src/samplers/index.ts'
import { type CliResult, QUICK, runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { copyQuickRun } from '../support/quick-run.ts'

const directory = sharedDirectory()
const out = join(directory, 'run')
let input: string
let first: CliResult

beforeAll(async () => {
  input = writeSmallData(directory)
  first = await runHere(['run', input, '--out', out, ...QUICK, '--compare', 'uniform'])
})

describe('dualtree run', () => {
  it('ends with a table of every method and says where the report and the model are', () => {
    expect(first.stderr).not.toContain('error')
    expect(first.code).toBe(0)
    for (const method of ['popularity', 'item-knn', 'ease', 'lightgcn+mixgcf', 'lightgcn+uniform', 'dtl-ns'])
      expect(first.stdout).toMatch(new RegExp(`^${method.replace('+', '\\+')} +(history train|refit) +\\.\\d{4}`, 'm'))
    for (const metric of ['Recall@10', 'NDCG@20', 'Prec@50', 'Hit@20']) expect(first.stdout).toContain(metric)
    expect(first.stdout).toContain(join(out, 'report.html'))
  })

  it('says in words what it decided about the data', () => {
    expect(first.stdout).toMatch(/80 users and 1\d\d items: \d+ interactions to train/)
    expect(first.stdout).toMatch(/pairs/)
  })

  it('writes plain lines of progress to stderr when nobody watches', () => {
    expect(first.stderr).toContain('Training the base model (lightgcn+mixgcf) …\n')
    expect(first.stderr).toMatch(/ {2}train-base: \d+\.\d+ s\n/)
    expect(first.stderr).not.toContain('\x1b[')
  })

  it('leaves a run directory that says everything', () => {
    for (const file of [
      'options.json',
      'environment.json',
      'events.jsonl',
      'metrics.json',
      'report.html',
      'data/train.parquet',
      'train-dtl-ns/model.safetensors',
      'judge/verdicts.parquet',
      'trees/codes.parquet',
      'evaluate-dtl-ns/per-user.parquet',
    ])
      expect(existsSync(join(out, file)), file).toBe(true)
    const options = JSON.parse(readFileSync(join(out, 'options.json'), 'utf8'))
    expect(options.plan.training).toMatchObject({ epochs: 6, learningRate: 0.001, regularization: 0.0001 })
    expect(options.plan.sampler).toEqual({
      name: 'dual-tree',
      options: { base: 'mixgcf', structuralWeight: 0.1, semanticWeight: 0.3, candidateNegatives: 10 },
    })
    expect(JSON.parse(readFileSync(join(out, 'environment.json'), 'utf8'))).toMatchObject({
      seed: 1,
      node: process.version,
    })
  })

  it('with --json prints metrics.json and nothing else, and reuses every stage of an unchanged run', async () => {
    const { stdout, stderr, code } = await runHere([
      'run',
      input,
      '--out',
      out,
      ...QUICK,
      '--compare',
      'uniform',
      '--json',
    ])
    expect(code).toBe(0)
    const metrics = metricsFileSchema.parse(JSON.parse(stdout))
    expect(metrics).toEqual(JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8')))
    expect(new Set(metrics.rows.map(({ method }) => method)).size).toBe(6)
    for (const { metrics: values, seconds, peakBytes } of metrics.rows) {
      expect(values['recall@20']).toBeGreaterThan(0)
      expect(seconds).toBeGreaterThan(0)
      expect(peakBytes).toBeGreaterThan(1e7)
    }
    const stages = [...stderr.matchAll(/^ {2}([\w+-]+): (.*)$/gm)].map(([, stage, end]) => ({
      stage,
      reused: end.startsWith('reused'),
    }))
    expect(stages.length).toBeGreaterThanOrEqual(13)
    // the report is written anew each time
    expect(stages.filter(({ reused }) => !reused)).toEqual([{ stage: 'report', reused: false }])
  })

  it('remakes what an option changes, and no more', async () => {
    const other = join(directory, 'other')
    const source = await copyQuickRun(other)
    const { stdout, stderr } = await runHere([
      'run',
      source,
      '--out',
      other,
      ...QUICK,
      '--judge',
      'accept-all',
      '--force',
    ])
    const [, hint] = stdout.match(/^Try: +npx dualtree (.*)$/m)!
    const recommended = await runHere(hint.split(' '))
    expect({ code: recommended.code, lines: recommended.stdout.split('\n').length }).toEqual({ code: 0, lines: 13 })
    const end = (stage: string) => stderr.match(new RegExp(`^ {2}${stage}: (.*)$`, 'm'))?.[1]
    for (const stage of ['data', 'train-base', 'trees', 'candidates', 'evaluate-ease'])
      expect(end(stage), stage).toMatch(/^reused/)
    for (const stage of ['judge', 'train-dtl-ns', 'evaluate-dtl-ns']) expect(end(stage), stage).not.toMatch(/^reused/)
  })
})

describe('single stages', () => {
  it('go on from one another on the same directory, and remember the options', async () => {
    const steps = join(directory, 'steps')
    const call = async (...args: string[]) => {
      const { code, stdout, stderr } = await runHere([...args, '--json'])
      expect(stderr).not.toContain('error:')
      expect(code, args.join(' ')).toBe(0)
      return JSON.parse(stdout)
    }
    expect(await call('data', input, '--out', steps)).toMatchObject({ counts: { users: 80 } })
    expect(
      await call(
        'train',
        steps,
        ...QUICK.filter((_, at) => at !== QUICK.indexOf('--leaf-size') && at !== QUICK.indexOf('--leaf-size') + 1),
      ),
    ).toMatchObject({ history: { length: 6 } })
    expect(await call('trees', steps, '--leaf-size', '8')).toMatchObject({
      structural: { leafMax: expect.toSatisfy((size: number) => size <= 8) },
    })
    expect(await call('candidates', steps, '--candidates-per-user', '5')).toMatchObject({ candidates: 400, perUser: 5 })
    expect(await call('judge', steps, '--judge', 'random', '--rate', '0.5')).toMatchObject({
      candidates: 400,
      provenance: { judge: 'random' },
    })
    const { rows } = await call('evaluate', steps, '--history-at-test', 'train')
    expect(rows.map((row: { method: string }) => row.method)).toContain('dtl-ns')
  })

  it('baselines alone need no training', async () => {
    const { stdout, stderr } = await runHere(['baselines', input, '--out', join(directory, 'baselines'), '--json'])
    const methods = JSON.parse(stdout).rows.map((row: { method: string }) => row.method)
    expect([...new Set(methods)]).toEqual(['popularity', 'item-knn', 'ease'])
    expect(stderr).not.toContain('Training')
  })

  it('released adds its row beside the strict one, and says so', async () => {
    const { stdout } = await runHere([
      'run',
      input,
      '--out',
      join(directory, 'released'),
      ...QUICK,
      ...['--baselines', 'popularity', '--refit', 'none', '--protocol', 'strict,released'],
    ])
    expect(stdout).toMatch(/^dtl-ns \(?RELEASED|^dtl-ns-released \(RELEASED\)/m)
    expect(stdout).toMatch(/^dtl-ns +history train +\./m)
    expect(stdout).toMatch(/not\s+comparable/)
  })
})

describe('dualtree recommend', () => {
  it('answers in external ids, without what is known of the user', async () => {
    const { stdout } = await runHere(['recommend', out, '--user', 'u7', '--k', '5', '--format', 'json'])
    const { model, answers } = JSON.parse(stdout)
    expect(model).toMatchObject({ method: expect.any(String), fittedOn: 'train' })
    expect(answers).toHaveLength(1)
    expect(answers[0].by).toBe('user')
    const rows = answers[0].items
    expect(rows).toHaveLength(5)
    expect(rows[0]).toEqual({ item: expect.stringMatching(/^i\d+$/), score: expect.any(Number) })
    const known = ['train', 'valid', 'test']
      .flatMap(part => readFileSync(join(input, `${part}.txt`), 'utf8').split('\n'))
      .filter(line => line.startsWith('u7 '))
      .map(line => line.split(' ')[1])
    expect(known.length).toBeGreaterThan(3)
    expect(rows.filter((row: { item: string }) => known.includes(row.item))).toEqual([])
  })

  it('prints a table and CSV, and writes all users to Parquet', async () => {
    expect((await runHere(['recommend', out, '--user', 'u7', 'u8', '--k', '2'])).stdout).toMatch(
      /^for +by +rank +item +score\n/,
    )
    expect((await runHere(['recommend', out, '--user', 'u7', '--k', '2', '--format', 'csv'])).stdout).toMatch(
      /^for,by,rank,item,score\nu7,user,1,i\d+,-?\d/,
    )
    const file = join(directory, 'recs.parquet')
    const { code } = await runHere(['recommend', out, '--all', '--k', '3', '--out', file])
    expect(code).toBe(0)
    const { user_id, rank } = await readTable(file, ['user_id', 'rank'])
    expect(user_id).toHaveLength(240)
    expect(rank.slice(0, 3)).toEqual([1, 2, 3])
  })

  it('serves any row of the table', async () => {
    for (const method of ['lightgcn+mixgcf', 'lightgcn+uniform', 'ease', 'popularity']) {
      const { stdout } = await runHere([
        'recommend',
        out,
        '--user',
        'u7',
        '--method',
        method,
        '--format',
        'json',
        '--k',
        '1',
      ])
      expect(JSON.parse(stdout).answers[0].items, method).toHaveLength(1)
    }
  })

  it('names what it does not know', async () => {
    expect(await runHere(['recommend', out, '--user', 'u7', 'nobody', '--k', '1', '--exclude', 'x,y'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /u7 +user +1 [\s\S]*nobody +popularity +1 [\s\S]*Unknown to the model: 4 of --exclude, 1 of --user\.\n$/,
      ),
      stderr: expect.stringMatching(
        /^Model: \S+, the best of \d+ rows on validation data, fitted on train alone.*"dualtree fit \S+" fits it on all data/m,
      ),
    })
    expect(await runHere(['recommend', out, '--user', 'u7', '--method', 'dtlns'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean "dtl-ns"?'),
    })
    expect(await runHere(['recommend', out])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no user given: --user ID, --history ITEM …, or --all --out'),
    })
    expect(await runHere(['recommend', directory, '--user', 'u7'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not a run directory'),
    })
  })
})

describe('dualtree list', () => {
  it('has every part with its options', async () => {
    const { presets, ...parts } = JSON.parse((await runHere(['list', '--json'])).stdout)
    const { values } = presets.find((preset: { name: string }) => preset.name === 'paper')
    expect(values).toMatchObject({ use: 'positives', candidateNegatives: 10 })
    expect(Object.keys(parts)).toEqual([...Object.keys(listParts()), 'studies'])
    expect(parts.samplers.map((part: { name: string }) => part.name)).toEqual(
      expect.arrayContaining(['uniform', 'dns', 'mixgcf', 'dual-tree']),
    )
    for (const part of Object.values(parts).flat() as {
      name: string
      summary: string
      source: string
      options: { help: string }[]
    }[]) {
      expect(part.summary, part.name).toMatch(/\.$|\w$/)
      expect(part.source.length, part.name).toBeGreaterThan(5)
      for (const option of part.options) expect(option.help.length).toBeGreaterThan(5)
    }
    const { stdout } = await runHere(['list'])
    expect(stdout).toContain('dual-tree')
    expect(stdout).toMatch(/\npresets\n {2}paper\n/)
  })
})

describe('wrong usage ends with exit code 2 and one line', () => {
  const oneLine = expect.stringMatching(/^error: [^\n]+\n(?:\(Did you mean [^\n]+\)\n)?$/)
  it.each([
    [['run', 'x', '--epohcs', '3'], "unknown option '--epohcs'"],
    [['run', 'x', '--epohcs', '3'], 'Did you mean --epochs?'],
    [['runn'], "unknown command 'runn'"],
    [['run', 'x', '--epochs', '0'], 'epochs'],
    [['run', 'x', '--epochs', 'many'], 'expected a number, got "many"'],
    [['run', 'x', '--dimensions', '6'], 'multiple'],
    [['run', 'x', '--sampler', 'dnsmn'], `one of ${samplers.names.join(', ')}; did you mean "dns-mn"?`],
    [['run', 'x', '--base', 'uniform'], 'cannot wrap "uniform"'],
    [
      ['run', 'x', '--model', 'mf', '--layers', '2'],
      '--layers is an option of lightgcn, ngcf, simgcl, xsimgcl, which this run does not use',
    ],
    [['judge', 'no-such-run'], 'no-such-run is not a run directory'],
  ])('%j', async (args, message) => {
    const { code, stderr, stdout } = await runHere(args, { cwd: directory })
    expect(stderr).toContain(message)
    expect(stderr).toEqual(oneLine)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })
})

describe('bad data and bad output end with exit code 3 and one line', () => {
  it('a missing file', async () => {
    const { code, stderr } = await runHere(['run', 'no-such-file.csv'], { cwd: directory })
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/error: no-such-file\.csv: there is no such file or directory[^\n]*\n$/),
    })
    expect(existsSync(join(directory, 'runs', 'no-such-file', 'data', 'manifest.json'))).toBe(false)
  })

  it('an --out that cannot be written', async () => {
    writeFileSync(join(directory, 'a-file'), '')
    const { code, stderr } = await runHere(['run', input, '--out', join(directory, 'a-file', 'run')])
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(
        /^error: cannot write [^\n]+ a part of that path is a file: choose another --out\n$/,
      ),
    })
  })
})
