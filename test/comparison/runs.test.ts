import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatComparison } from '../../src/cli/shared/comparison.ts'
import { namesOfRuns } from '../../src/comparison/choice.ts'
import { compareRuns, type RunComparison } from '../../src/comparison/runs.ts'
import { readTable } from '../../src/dataset/table.ts'
import { metrics } from '../../src/metrics/index.ts'
import { run } from '../../src/run/run.ts'
import { runCli, runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const directory = sharedDirectory()
const at = (...names: string[]) => join(directory, ...names)
const TINY = { threads: 1, dimensions: 4, layers: 1, epochs: 3, batchSize: 256, leafSize: 8, learningRate: 0.02 }
const QUICK = { resamples: 200, permutations: 500 }
let source: string
let within: RunComparison

const start = (name: string, options: object) => run({ directory: at(name), source, options: { ...TINY, ...options } })
const refusal = (runs: string[], options: object = {}) =>
  compareRuns(
    runs.map(name => at(name)),
    { ...QUICK, ...options },
  ).then(
    () => 'it compared',
    (error: Error) => error.message.replaceAll(`${directory}/`, ''),
  )

beforeAll(async () => {
  source = writeSmallData(directory)
  await start('a', { seeds: 2 })
  await start('b', { baseSampler: 'uniform' })
  within = await compareRuns([at('a')], QUICK)
})

describe('within one run', () => {
  it('sets DTL-NS against every other method, with the means of the table', async () => {
    expect(within.comparisons.map(({ method, against, metric }) => `${metric} ${method} ${against}`)).toEqual(
      ['recall@20', 'ndcg@20'].flatMap(metric =>
        ['popularity', 'item-knn', 'ease', 'lightgcn+mixgcf'].map(against => `${metric} dtl-ns ${against}`),
      ),
    )
    const { rows } = JSON.parse(await readFile(at('a', 'metrics.json'), 'utf8'))
    const table = rows.filter(
      (row: { method: string; variant: string }) => row.method === 'dtl-ns' && row.variant === 'refit',
    )
    expect(table).toHaveLength(2)
    const average = (table[0].metrics['ndcg@20'] + table[1].metrics['ndcg@20']) / 2
    const found = within.methods.find(({ method }) => method === 'dtl-ns')!
    expect(found).toMatchObject({ name: 'dtl-ns', seeds: [1, 2], run: at('a') })
    expect(found.means['ndcg@20']).toBeCloseTo(average, 12)
    expect(Object.keys(found.deviations!)).toEqual(['recall@20', 'ndcg@20'])
  })

  it('has groups that hold every user and every held-out interaction', async () => {
    const of = (by: string) =>
      within.groups.filter(group => group.by === by && group.metric === 'recall@20' && group.against === 'ease')
    const active = of('user activity')
    expect(active.reduce((sum, group) => sum + group.members, 0)).toBe(within.users)
    const weighted = active.reduce((sum, { users, means }) => sum + users * means[0], 0) / within.users
    expect(weighted).toBeCloseTo(within.methods.find(({ method }) => method === 'dtl-ns')!.means['recall@20'], 12)
    const popular = of('item popularity')
    expect(popular.reduce((sum, group) => sum + group.members, 0)).toBe(119)
    expect(popular.map(({ low }) => low)).toEqual(popular.map(({ low }) => low).sort((a, b) => a - b))
    expect((await compareRuns([at('a')], { ...QUICK, groups: 0 })).groups).toEqual([])
  })

  it('is plain data and the same bits again; another seed draws other users', async () => {
    expect(JSON.parse(JSON.stringify(within))).toEqual(within)
    expect(await compareRuns([at('a')], QUICK)).toEqual(within)
    const other = await compareRuns([at('a')], { ...QUICK, seed: 2 })
    expect(other.comparisons[0].interval).not.toEqual(within.comparisons[0].interval)
  })

  it.each([
    ['level', 0.5],
    ['resamples', 101],
    ['permutations', 200],
  ])('has no dead option: %s', async (name, value) => {
    const choice = { method: 'dtl-ns', against: ['lightgcn+mixgcf'], groups: 0 }
    const compare = async (options: object) =>
      (await compareRuns([at('a')], { ...QUICK, ...choice, ...options })).comparisons
    expect(await compare({ [name]: value })).not.toEqual(await compare({}))
  })

  it('takes another method, some methods, or all pairs', async () => {
    const names = async (options: object) => {
      const metrics = ['hit-rate@10']
      const { comparisons } = await compareRuns([at('a')], { ...QUICK, metrics, groups: 0, ...options })
      return comparisons.map(({ method, against }) => `${method} ${against}`)
    }
    expect(await names({ method: 'ease', against: ['popularity', 'item-knn'] })).toEqual([
      'ease popularity',
      'ease item-knn',
    ])
    expect(await names({ allPairs: true })).toHaveLength(10)
  })
})

describe('the files of an evaluation', () => {
  it('top-N lists and metrics of each user in external ids, which fit each other', async () => {
    const folder = at('a', 'evaluate-dtl-ns-seed2')
    const lists = await readTable(join(folder, 'lists.parquet'), ['user_id', 'rank', 'item_id', 'score'])
    const perUser = await readTable(join(folder, 'per-user.parquet'), ['user_id', 'recall@10'])
    const truth = await readTable(at('a', 'data', 'test.parquet'), ['user_id', 'item_id'])
    expect(lists.rank.slice(0, 3)).toEqual([1, 2, 3])
    expect(Number(lists.score[0])).toBeGreaterThanOrEqual(Number(lists.score[1]))
    for (const [row, user] of perUser.user_id.entries()) {
      const heldOut = truth.item_id.filter((_, index) => truth.user_id[index] === user)
      const top = lists.item_id.filter((_, index) => lists.user_id[index] === user && Number(lists.rank[index]) <= 10)
      expect(top).toHaveLength(10)
      const hits = top.filter(item => heldOut.includes(item)).length
      expect(perUser['recall@10'][row]).toBe(hits / heldOut.length)
    }
  })
})

describe('several runs', () => {
  it('are named with their methods, and what is the same in both stands once', async () => {
    const { methods, repeated, comparisons } = await compareRuns([at('a'), at('b')], { ...QUICK, groups: 0 })
    const names = methods.map(({ name }) => name.replaceAll(`${directory}/`, ''))
    expect(names).toEqual([
      'dtl-ns (a)',
      'popularity (a)',
      'item-knn (a)',
      'ease (a)',
      'lightgcn+mixgcf (a)',
      'lightgcn+uniform (b)',
      'dtl-ns (b)',
    ])
    expect(repeated.map(name => name.replaceAll(`${directory}/`, ''))).toEqual([
      'popularity (b)',
      'item-knn (b)',
      'ease (b)',
    ])
    expect(comparisons.every(row => row.method.startsWith('dtl-ns') && row.method.endsWith('a)'))).toBe(true)
  })

  it('of other data are refused, with everything that differs', async () => {
    const other = at('other-input')
    await cp(source, other, { recursive: true })
    const text = await readFile(join(other, 'test.txt'), 'utf8')
    await writeFile(join(other, 'test.txt'), text.split('\n').slice(1).join('\n'))
    const baselines = { until: 'baselines', options: { baselines: ['popularity'] } } as const
    await run({ ...baselines, directory: at('c'), source: other })
    expect(await refusal(['a', 'c'])).toMatch(
      /^a and c cannot be compared: data hash: "beaf5f4113a9" against "[0-9a-f]{12}"; the content of test\.txt; test: 111 against 110\. Run one again with the data and options of the other$/,
    )
    const split = { split: 'random', splitSeed: 5 } as const
    await run({
      ...baselines,
      options: { ...baselines.options, ...split },
      directory: at('d'),
      source: join(source, 'train.txt'),
    })
    expect(await refusal(['a', 'd'])).toContain(
      '; files: "train.txt, valid.txt, test.txt" against "train.txt"; --split-seed: 1 against 5; train: 703 against ',
    )
  })

  it('of another protocol are refused', async () => {
    await run({ directory: at('e'), source, until: 'baselines', options: { maskAtTest: 'train' } })
    expect(await refusal(['a', 'e'])).toBe(
      'a and e cannot be compared: what is masked at test (--mask-at-test): "train+valid" against "train". Run one again with the data and options of the other',
    )
    expect(await refusal(['a'], { protocol: 'released' })).toBe(
      'a: no rows under the released protocol: make them with "--protocol strict,released"',
    )
  })

  it('need a cut-off in common', async () => {
    await run({ directory: at('f'), source, until: 'baselines', options: { cutoffs: [7] } })
    expect(await refusal(['a', 'f'])).toBe('the runs have no cut-off in common: a has 10, 20, 50; f has 7')
    expect((await compareRuns([at('f')], QUICK)).comparisons[0].metric).toBe('recall@7')
  })
})

describe('what cannot be compared is said', () => {
  it.each([
    [['nowhere'], {}, 'nowhere is not a run directory (it has no options.json): start one with "dualtree run DATA --out nowhere"'],
    [['a'], { method: 'eas' }, 'unknown method "eas": there are popularity, item-knn, ease, lightgcn+mixgcf, dtl-ns; did you mean "ease"?'],
    [['a'], { metrics: ['recall'] }, 'metric "recall": expected a name and a cut-off, such as recall@10'],
    [['a'], { metrics: ['recal@20'] }, `unknown metric "recal": known are ${metrics.names.join(', ')}; did you mean "recall"?`],
    [['a'], { metrics: ['recall@30'] }, 'metric "recall@30": the cut-offs of the compared runs are 10, 20, 50'],
    [['a'], { metrics: ['gini@20'] }, 'metric "gini@20" describes all lists together and has no value by user: it cannot be compared'],
    [['a'], { allPairs: true, method: 'ease' }, '--all-pairs compares every method: leave out --method and --against'],
    [['a'], { method: 'ease', against: ['ease'] }, 'there is nothing to compare "ease" with: give another run, or one with more methods'],
  ])('%j %j', async (runs, options, message) => {
    expect(await refusal(runs, options)).toBe(message)
  }) // biome-ignore format: a case a line

  it('a run that was not evaluated, or whose table is older than its files', async () => {
    await run({ directory: at('g'), source, until: 'data' })
    expect(await refusal(['g'])).toBe(
      'g has no finished evaluation (it has no metrics.json): run "dualtree evaluate g"',
    )
    await cp(at('a'), at('h'), { recursive: true })
    const file = JSON.parse(await readFile(at('h', 'metrics.json'), 'utf8'))
    file.rows.find((row: { variant: string }) => row.variant === 'refit').metrics['recall@20'] += 0.01
    await writeFile(at('h', 'metrics.json'), JSON.stringify(file))
    expect(await refusal(['h'])).toMatch(
      /^h\/evaluate-popularity-refit: its mean recall@20 is 0\.\d+, metrics\.json says 0\.\d+: the table is older, run "dualtree evaluate h"$/,
    )
    await writeFile(at('h', 'metrics.json'), '{"rows": []}')
    expect(await refusal(['h'])).toBe('h: metrics.json is of another version of dualtree: run "dualtree evaluate h"')
  })
})

describe('dualtree compare', () => {
  it('prints means, differences with corrected p, and groups; the same as JSON', async () => {
    const flags = ['--resamples', '200', '--permutations', '500']
    const { stdout, stderr, code } = await runHere(['compare', at('a'), ...flags])
    expect({ stderr: stderr.replace(/\d+\.\d+ s/g, 'n s'), code }).toEqual({
      stderr:
        'Comparing 5 methods user by user …\n  compare: n s\nComparing within groups of users and items …\n  groups: n s\n',
      code: 0,
    })
    expect(stdout).toBe(`${formatComparison(within)}\n`)
    expect(stdout).toMatch(/^dtl-ns +1 to 2 +\.\d{4} ±\.\d{4} +\.\d{4} ±\.\d{4}$/m)
    expect(stdout).toMatch(
      /^dtl-ns − ease +[−+]?\.\d{4} +\[[−+]?\.\d{4}, [−+]?\.\d{4}\] +-?\d\.\d{3} +\d+\/\d+\/\d+ +[012]\/2 +/m,
    )
    expect(stdout).toMatch(/^ndcg@20 by item popularity +1 to \d+ users/m)
    expect(stdout).toMatch(/corrected\s+for\s+the\s+8\s+comparisons\s+of\s+the\s+table/)
    const json = await runHere(['compare', at('a'), ...flags, '--json'])
    expect(JSON.parse(json.stdout)).toEqual(within)
  })

  it('stops at the first Ctrl-C, and says that nothing is kept', async () => {
    const begun = Promise.withResolvers<readonly NodeJS.Signals[]>()
    const { stderr, code } = await runCli(['compare', at('a'), '--resamples', '100000', '--permutations', '1000000'], {
      kill: begun.promise,
      onStderr: text => text.includes('Comparing') && begun.resolve(['SIGINT']),
    })
    expect(stderr).toContain('stopped; the same command starts over\n')
    expect(code).toBe(130)
  })

  it('ends with exit code 2 and one line when runs differ', async () => {
    const { stderr, code } = await runHere(['compare', at('a'), at('e')])
    expect({ stderr, code }).toEqual({
      stderr: expect.stringMatching(/^error: [^\n]* cannot be compared: [^\n]*\n$/),
      code: 2,
    })
  })
})

it('names runs by as much of their paths as tells them apart', () => {
  expect(namesOfRuns(['/data/runs/a', 'runs/b/'])).toEqual(['a', 'b'])
  expect(namesOfRuns(['/data/monday/shop', '/data/tuesday/shop', 'other'])).toEqual([
    ...['monday/shop', 'tuesday/shop'],
    expect.stringMatching(/.\/other$/),
  ])
  expect(namesOfRuns(['/shop', '/data/shop'])).toEqual(['/shop', 'data/shop'])
  // the same run twice has no such name
  expect(namesOfRuns(['runs/a', 'runs/a'])).toEqual(['runs/a', 'runs/a'])
})
