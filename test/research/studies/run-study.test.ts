import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { studies } from '../../../src/research/studies/index.ts'
import { runStudy, type StudyRequest } from '../../../src/research/studies/run-study.ts'
import type { StudyRow } from '../../../src/research/studies/study.ts'
import { QUICK, runHere, writeSmallData } from '../../support/cli.ts'
import { sharedDirectory } from '../../support/directory.ts'
import { SMALL_RUN, watchStages } from '../../support/small-run.ts'

const root = sharedDirectory()
const source = writeSmallData(root)

async function study(name: string, directory: string, request: Partial<StudyRequest> = {}) {
  const { emit, made, titles, messages } = watchStages()
  const written = await runStudy({
    study: studies.get(name),
    source,
    directory: join(root, directory),
    given: SMALL_RUN,
    emit,
    ...request,
  })
  return { ...written, made, titles, messages }
}

describe('a study', () => {
  it('makes what its runs share once, goes on where it was, and writes table, figure and paragraph', async () => {
    const options = { structuralWeights: [0, 0.5], semanticWeights: [0.2, 1] }
    const first = await study('alpha', 'alpha', { options })
    expect(first.made.filter(stage => stage === 'train-base')).toHaveLength(1)
    expect(first.made.filter(stage => stage === 'train-dtl-ns')).toHaveLength(4)
    expect(first.titles).toContain('α_c 0.5, α_s 0.2 (3 of 4): Training DTL-NS')
    expect(first.header).toEqual(['variant', 'NDCG@20', 'Recall@20'])
    expect(first.table.map(([name]) => name)).toEqual([
      'α_c 0, α_s 0.2',
      'α_c 0, α_s 1',
      'α_c 0.5, α_s 0.2',
      'α_c 0.5, α_s 1',
      'popularity',
    ])
    expect(first.paragraph).toContain('among 4 pairs of weights')
    expect(first.paragraph).toContain(
      '(Measured on validation, which also chose the epochs of trained rows, strict protocol, one seed, which tells no small difference from chance; test was not opened.)',
    )
    const file = (name: string) => readFileSync(join(first.directory, name), 'utf8')
    expect(file('study.md')).toContain(first.paragraph)
    expect(file('study.md')).toMatch(/data hash `[0-9a-f]{12}`, dualtree/)
    expect(file('figure.svg')).toContain('<svg')
    expect(file('report.html')).toContain(`<p class="summary">${first.paragraph.slice(0, 40)}`)
    expect(file('report.html')).toMatch(/<th scope="row"><bdi class="name">α_<wbr>c 0\.<wbr>5/)
    expect(JSON.parse(file('study.json'))).toMatchObject({
      study: 'alpha',
      options: { ...options, on: 'valid', metric: 'ndcg@20' },
    })

    const again = await study('alpha', 'alpha', { options })
    expect(again.made).toEqual([])
    expect(again.table).toEqual(first.table)
  })

  it('is one process at a time', async () => {
    mkdirSync(join(root, 'taken'))
    writeFileSync(join(root, 'taken', 'lock.json'), JSON.stringify({ pid: 1, host: 'elsewhere' }))
    await expect(study('alpha', 'taken')).rejects.toThrow(
      'is in use by process 1 on elsewhere: wait for it, or choose another --out',
    )
  })

  it('opens test only when asked to', async () => {
    const options = { structuralWeights: [0], semanticWeights: [0] }
    const valid = await study('alpha', 'one', { options })
    const test = await study('alpha', 'one', { options: { ...options, on: 'test' } })
    expect(test.paragraph).toContain(
      '(Measured on test, strict protocol, one seed, which tells no small difference from chance; nothing may be chosen by it.)',
    )
    expect(test.table).not.toEqual(valid.table)
  })

  it('reads rows of other methods, and options that hang on earlier rows', async () => {
    const { json, table, header, paragraph } = await study('ablation', 'ablation')
    const judged = header.indexOf('judged positive')
    const cells = (name: string) => table.find(([first]) => first === name)!
    // no verdict enters the base model, so its row says nothing of the judge
    expect(cells('without either: the base model')[judged]).toBe('–')
    expect(cells('judge: accept-all')[judged]).toBe('100.0 %')
    const { rows } = json as { rows: StudyRow[] }
    // every row but the first is compared with it, user by user
    expect(header.at(-1)).toBe('NDCG@20 against the whole')
    expect(cells('whole').at(-1)).toBe('–')
    expect(cells('popularity').at(-1)).toBe('–')
    expect(cells('judge: accept-all').at(-1)).toMatch(/^([+−]?0\.\d{4}) \[[+−]?0\.\d{4}, [+−]?0\.\d{4}\]$/)
    for (const { figures, difference } of rows.slice(1)) {
      expect(difference).toMatchObject({ against: 'whole', resampled: 'users' })
      expect(difference!.value).toBeCloseTo(figures['ndcg@20'] - rows[0].figures['ndcg@20'], 12)
    }
    expect(paragraph).toContain(
      'Against the whole, by 95 % intervals over users, which know nothing of what another seed would change: ',
    )
    const value = (name: string) => rows.find(row => row.name === name)!.figures
    expect(table.map(([name]) => name)).toContain('judge: random, as many as the first')
    expect(value('judge: accept-all')['positive share']).toBe(1)
    const [rate, blind] = [
      value('whole')['positive share'],
      value('judge: random, as many as the first')['positive share'],
    ]
    expect(Math.abs(rate - blind)).toBeLessThan(0.1)
    expect(value('without either: the base model')['ndcg@20']).not.toBe(value('whole')['ndcg@20'])
  })

  it('gives what is given for one part to no other', async () => {
    const options = { judges: ['prefix', 'accept-all'] }
    const { directory, table } = await study('judges', 'judges', { options, given: { ...SMALL_RUN, minPrefix: 1 } })
    expect(table.map(([name]) => name)).toEqual(['no judging', 'prefix', 'accept-all', 'popularity'])
    // verdicts that were given before are a judge too, and say the same again
    const ledgers = [join(directory, 'runs', 'prefix', 'judge', 'verdicts.parquet')]
    const replayed = await study('judges', 'replayed', {
      options: { judges: ['prefix'], ledgers },
      given: { ...SMALL_RUN, minPrefix: 1 },
    })
    expect(replayed.table[2][0]).toBe(`ledger ${ledgers[0]}`)
    expect(replayed.table[2].slice(1)).toEqual(replayed.table[1].slice(1))
    // another seed has other candidates, of which some were never asked about
    const other = await study('judges', 'other-seed', {
      options: { judges: ['prefix'], ledgers },
      given: { ...SMALL_RUN, minPrefix: 1, seed: 7 },
    })
    expect(other.messages).toContainEqual(
      expect.stringMatching(/^[\d,]+ of 1,600 candidates have no verdict that can be read: they change nothing$/),
    )
  })

  it('has deviations with several seeds', async () => {
    const options = { structuralWeights: [0], semanticWeights: [0] }
    const { table, paragraph } = await study('alpha', 'seeds', { options, given: { ...SMALL_RUN, seeds: 2 } })
    expect(table[0][1]).toMatch(/^0\.\d{4} ± 0\.\d{4}$/)
    expect(paragraph).toContain('mean of the seeds 1 to 2')
  })

  it('finds a ledger that is not there before anything is read', async () => {
    const emit = vi.fn()
    await expect(study('judges', 'no-ledger', { options: { ledgers: ['gone.sqlite'] }, emit })).rejects.toThrow(
      'judge "replay": there is no file "gone.sqlite" to replay',
    )
    expect(emit).not.toHaveBeenCalled()
  })

  it('finds data that a later variant cannot use before anything is trained', async () => {
    const file = join(root, 'sequences.txt')
    writeFileSync(file, Array.from({ length: 30 }, (_, user) => `${user} ${[9, 3, 7, 1, 5].map(item => (item * (user + 1)) % 29).join(' ')}`).join('\n')) // biome-ignore format: one line
    const emit = vi.fn()
    await expect(study('splits', 'splits', { source: file, emit })).rejects.toThrow(
      '--split global-time needs a clock that all users share',
    )
    const stages = emit.mock.calls.map(([event]) => (event.type === 'stage-start' ? event.title : ''))
    expect(stages.filter(Boolean)).toEqual([
      'random: base model: Reading the data',
      'global-time: base model: Reading the data',
    ])
  })

  it.each([
    ['an unknown metric', { options: { metric: 'ndcg@7' } }, 'metric "ndcg@7" is not measured: known are '],
    ['an option of another study', { options: { rates: [0.1] } }, 'study "alpha": unknown option --rates'],
    [
      'an option that changes nothing',
      { given: { ...SMALL_RUN, rate: 0.3 } },
      '--rate changes no run of study "alpha"',
    ],
    [
      'an option that the study sets',
      { given: { ...SMALL_RUN, semanticWeight: 1 } },
      '--semantic-weight changes no run of study "alpha"',
    ],
    ['a name that is no option', { given: { leafsize: 3 } }, 'unknown option --leafsize; did you mean --leaf-size?'],
    ['evaluateOn', { given: { evaluateOn: 'test' } }, 'study "alpha": give --on test in place of --evaluate-on'],
  ] as [string, Partial<StudyRequest>, string][])('refuses %s', async (_, request, message) => {
    await expect(study('alpha', 'refused', request)).rejects.toThrow(message)
  })
})

describe('dualtree study', () => {
  it('prints the table, the paragraph and where the files are', async () => {
    const out = join(root, 'cli')
    const flags = [...QUICK, '--min-prefixes', '2', '--judges', 'prefix,random']
    const { stdout, stderr, code } = await runHere(['study', 'identification', source, '--out', out, ...flags])
    expect(stderr).not.toContain('error')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^prefix, 2 steps +\d+\.\d %/m)
    expect(stdout).toContain('(Measured against validation, one seed, which')
    expect(stdout).toContain(join(out, 'figure.svg'))
  })

  it('says which studies there are', async () => {
    const unknown = await runHere(['study', 'alfa', source])
    expect(unknown).toMatchObject({ code: 2 })
    expect(unknown.stderr).toBe(
      `error: unknown study "alfa": known are ${studies.names.join(', ')}; did you mean "alpha"?\n`,
    )
    const { stdout } = await runHere(['list'])
    expect(stdout).toContain('studies\n  headroom\n')
  })
})
