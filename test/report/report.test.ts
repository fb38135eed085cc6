import { createHash } from 'node:crypto'
import { parseHTML } from 'linkedom'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ReportData } from '../../src/report/gather/data.ts'
import { renderReport } from '../../src/report/report.ts'
import { sampleReport, sampleTree } from './sample.ts'

/** The page as a reader meets it: `text('#judge')` with white space made even. */
async function open(data: ReportData) {
  const page = await renderReport(data)
  const { document } = parseHTML(page)
  const clean = (value: string | null) => (value ?? '').replace(/\s+/g, ' ').trim()
  const all = (selector: string) => [...document.querySelectorAll(selector)]
  return {
    page,
    /** what there is to read: the script apart */
    shown: page.replace(/<script( type="application\/json" id="inspector-data")?>[\s\S]*?<\/script>/g, ''),
    document,
    all,
    text: (selector: string) => clean(document.querySelector(selector)!.textContent),
    cells: (selector: string) => all(selector).map(row => [...row.children].map(cell => clean(cell.textContent))),
  }
}

type Page = Awaited<ReturnType<typeof open>>

describe('a report', () => {
  let report: Page

  beforeAll(async () => {
    report = await open(sampleReport())
  })

  it('has a title, a summary and ten sections that the navigation points to', () => {
    expect(report.text('title')).toBe('dualtree: data/sports')
    expect(report.text('.summary')).toMatch(/^With judged false negatives .* 0\.1126\.$/)
    const links = report.all('nav a').map(link => link.getAttribute('href')!)
    expect(links).toEqual(report.all('main > section').map(section => `#${section.id}`))
    expect(links).toHaveLength(10)
    for (const section of report.all('main > section'))
      expect(report.document.getElementById(section.getAttribute('aria-labelledby')!)).not.toBeNull()
  })

  it('shows methods by metrics, grouped by cut-off, with the best of each column marked in words', () => {
    const [groups, names] = report.cells('.results thead tr')
    expect(groups).toEqual(['Method', 'At 10', 'At 20', 'At 50', 'Seconds'])
    expect(names).toEqual(['Recall', 'NDCG', 'Recall', 'NDCG', 'Recall', 'NDCG'])
    const rows = report.cells('.results tbody:first-of-type tr')
    expect(rows.map(row => [row[0], row[3], row.at(-1)])).toEqual([
      ['popularity', '0.0326', '0.04'],
      ['item-knn', '0.1518', '1.4'],
      ['ease', '★ best: 0.1667', '88.2'],
      ['ials', undefined, 'Not run: it needs 4.6 GB, and 4 GiB is the most there can be'],
      ['lightgcn+mixgcf', '0.1487', '742'],
      ['lightgcn+dns', '0.1421', '640'],
      ['dtl-ns', '0.1529', '1,204'],
    ])
    expect(report.all('.results .best')).toHaveLength(6)
  })

  it('sets rows of the released protocol apart, in words and never as the best', () => {
    expect(report.cells('.results .released tr')).toEqual([
      ['Released protocol, for comparison only: held-out data filters the judgements and the mask'],
      ['dtl-ns released', '0.1060', '0.0843', '0.1499', '0.0935', '0.2370', '0.1073', '1,190'],
    ])
    expect(report.text('.results caption')).toContain(
      '★ marks the best value of a column among the rows of the strict protocol.',
    )
    expect(report.text('#reading .note')).toContain('not comparable with the strict ones')
  })

  it('sets the method in question against the others, with intervals', () => {
    const table = '#results .scrolling[aria-label=Comparisons]'
    expect(report.cells(`${table} thead tr`)[0].slice(0, 6)).toEqual([
      'Against',
      'Metric',
      'Its mean',
      'Difference',
      'From',
      'To',
    ])
    expect(report.cells(`${table} tbody tr`).slice(4)).toEqual([
      [
        'ease',
        'NDCG@20',
        '0.1151',
        '−0.0259',
        '−0.0279',
        '−0.0239',
        '−0.15',
        '3,000',
        '1,000',
        '6,507',
        '0.0002',
        '0.0010',
        '0.0004',
      ],
      [
        'lightgcn+mixgcf',
        'NDCG@20',
        '0.0900',
        '−0.0008',
        '−0.0028',
        '+0.0012',
        '−0.01',
        '3,000',
        '1,000',
        '6,507',
        '0.4100',
        '0.8200',
        '0.4100',
      ],
    ])
    expect(report.cells(`${table} tbody tr`)[0].at(-1)).toBe('<0.0001')
    expect(report.text(`${table} caption`)).toMatch(/^Interval: 95 % percentile bootstrap over users, 2,000 samples/)
    const [forest] = report.all('#results figure svg.plot')
    // far away methods stand at the edge, so that the near one can be seen
    expect([...forest.querySelectorAll('[aria-label=text] text')].map(text => text.textContent)).toEqual([
      '← −0.0259',
      '+0.0745 →',
    ])
    expect(forest.querySelectorAll('[aria-label=dot] circle')).toHaveLength(1)
  })

  it('shows metrics by group of users and of items, as bars and as a table', () => {
    const [, , activity, popularity] = report.all('#results figure svg.plot')
    for (const picture of [activity, popularity])
      expect(picture.querySelectorAll('[aria-label=bar] rect')).toHaveLength(3 * 4)
    expect(report.text('#results .legend')).toBe('popularity ease lightgcn+mixgcf dtl-ns')
    const rows = report.cells('#results .scrolling[aria-label="Metrics by group"] tbody tr')
    expect(rows).toHaveLength(2 * 2 * 3)
    expect(rows[0]).toEqual(['user activity 3–8', 'Recall@20', '3,500', '0.0500', '0.0650', '0.0800', '0.0900'])
  })

  it('has every other metric too', () => {
    expect(report.text('#results > details summary')).toBe('All 12 metrics of every method')
    const tables = report.all('#results details .scrolling').map(part => part.getAttribute('aria-label'))
    expect(tables.slice(0, 3)).toEqual(['All metrics, At 10', 'All metrics, At 20', 'All metrics, At 50'])
    const last = report.cells('#results .scrolling[aria-label="All metrics, At 50"] tbody tr')
    expect(last.length).toBeGreaterThan(5)
    for (const row of last) expect(row.at(-1)).toBe('9.23')
  })

  it('says how to read it', () => {
    expect(report.text('#reading')).toMatch(/Full ranking\..*Seen items are masked\..*Test is opened once\./)
    expect(report.text('#reading .terms')).toContain('Recall Share of the held-out items in the list.')
  })

  it('draws learning curves with a ring at each best epoch, and has them as a table', () => {
    const [loss, validation] = report.all('#learning figure svg')
    expect(loss.getAttribute('aria-label')).toBe('Loss by epoch; the table below has its figures')
    expect(loss.querySelectorAll('[aria-label=line] path')).toHaveLength(3)
    expect(loss.querySelectorAll('circle')).toHaveLength(0)
    expect(validation.querySelectorAll('[aria-label=line] path')).toHaveLength(3)
    expect(validation.querySelectorAll('circle')).toHaveLength(3)
    const [first] = report.cells('#learning tbody tr')
    expect(first).toEqual(['lightgcn+mixgcf', '130', '0.6900', '0.2500', '90.0 %', '105', '0.1486'])
    const strokes = report.all('#learning .swatch line').map(line => line.getAttribute('stroke-dasharray'))
    expect(new Set(strokes).size).toBe(3)
    // a method has the colour of its bars by group
    const colours = report.all('#learning .swatch line').map(line => line.getAttribute('stroke'))
    const blocks = report
      .all('#results .legend .key')
      .map(key => [key.textContent, key.querySelector('rect')!.getAttribute('fill')])
    expect(colours[0]).toBe(new Map(blocks as [string, string][]).get('lightgcn+mixgcf'))
  })

  it('shows both trees in numbers, as a picture and by level', () => {
    expect(report.all('#trees h3').map(title => title.textContent)).toEqual([
      'Structural view, from which users the items share',
      'Semantic view, from the item vectors of the base model',
      'Do similar codes mean similar users?',
      'Mean Jaccard similarity',
      'Mean number of common users',
    ])
    expect(report.text('#trees dl')).toMatch(/^Items 8,439 Leaves \d+ Code length \d to \d, mean \d\.\d\d/)
    expect(report.all('#trees svg.icicle[role=img][aria-label] rect > title').length).toBeGreaterThan(500)
    expect(report.cells('#trees tbody tr')[0]).toEqual(['0, the root', '1', '0', '8,439', '8,439', '8,439'])
  })

  it('sets codes against behaviour: a line for each tree and one for random pairs, and the figures', () => {
    const [jaccard] = report.all('#trees svg.plot')
    expect(jaccard.querySelectorAll('[aria-label=line] path')).toHaveLength(3)
    const rows = report.cells('#trees > .scrolling tbody tr')
    expect(rows).toHaveLength(11)
    expect(rows[2]).toEqual(['structural, 2 shared', '2,000,000', '7.2 %', '0.0036', '0.144', '5.8×'])
    expect(rows.at(-1)).toEqual(['any two items', '35,604,141', '1.2 %', '0.00062', '0.025', '1.0×'])
  })

  it('shows what the judge said, by shared prefix and against the truth', () => {
    const byPrefix = '.scrolling[aria-label="Verdicts by shared prefix"]'
    expect(report.text('#judge dl')).toBe(
      'Judge prefix Candidates 301,200 Judged positive 41,207 (13.7 %) Unreadable answers 12',
    )
    expect(report.cells(`${byPrefix} tbody tr`).map(row => row.slice(0, 4))).toEqual([
      ['0', '150,600', '301', '0.2 %'],
      ['1', '75,300', '3,765', '5.0 %'],
      ['2', '37,650', '4,518', '12.0 %'],
      ['3', '18,825', '5,648', '30.0 %'],
      ['4', '9,413', '5,177', '55.0 %'],
      ['5', '4,706', '3,765', '80.0 %'],
    ])
    expect(report.cells(`${byPrefix} tbody tr`)[3].slice(5)).toEqual(['1.6 %', '1.6 %', '301'])
    expect(report.cells(`${byPrefix} tfoot tr`)[0].slice(5)).toEqual(['0.7 %', '0.9 %', '2,258'])
    expect(report.all('#judge .bar .fill').map(bar => bar.getAttribute('width'))).toContain('55.00%')
    expect(report.text('#judge')).toMatch(/Precision 0\.0412 .*Recall 0\.3110 .*Base rate 0\.0093 .*Lift 4\.43×/)
  })

  it('shows what judges know of planted false negatives, with their codes and without', () => {
    const rows = report.cells('#judge .scrolling[aria-label=Audit] tbody tr')
    expect(rows.map(row => row.slice(0, 5))).toEqual([
      ['prefix', 'own', '0.660', '0.650', '0.670'],
      ['prefix', 'shuffled', '0.503', '0.493', '0.513'],
      ['prefix', 'relabelled', '0.660', '0.650', '0.670'],
      ['random', 'own', '0.500', '0.490', '0.510'],
      ['random', 'shuffled', '0.503', '0.493', '0.513'],
      ['random', 'relabelled', '0.500', '0.490', '0.510'],
    ])
    expect(rows[0].slice(5)).toEqual(['0.670', '50.1 %', '0.625', '0.625'])
    expect(report.all('#judge .plot [aria-label=line] path')).toHaveLength(3)
    expect(report.cells('#judge > table tbody tr').slice(0, 2)).toEqual([
      ['as the judge gives them', '0.123', '0.251'],
      ['isotonic curve', '0.011', '0.236'],
    ])
  })

  it('says which users the inspector has, and hands them to the script', () => {
    expect(report.text('#inspector')).toContain('3 of 15,100 users with candidates, drawn at random (seed 1)')
    const { verdicts, items, users, ranked } = JSON.parse(
      report.document.getElementById('inspector-data')!.textContent!,
    )
    expect(verdicts).toEqual(['positive', 'negative', 'invalid'])
    expect(ranked).toEqual(['dtl-ns', 50, 'test'])
    expect(items[1]).toEqual([15139, '0-1-3', '1-0-1', 60])
    expect(users[0]).toEqual([
      8779,
      [0, 2],
      2,
      [
        [
          1,
          0,
          0.875,
          [
            [2, 0],
            [0, 0],
          ],
        ],
        [
          3,
          1,
          0.25,
          [
            [0, 0],
            [0, 0],
          ],
        ],
        [
          5,
          2,
          0.25,
          [
            [0, 0],
            [0, 0],
          ],
        ],
      ],
      [
        [1, 'test', 3],
        [4, 'valid'],
      ],
      '[{"candidate": 1, "label": "positive"}]',
    ])
    expect(report.all('#inspector noscript')).toHaveLength(1)
  })

  it('shows the data: counts, decisions, what was left out, files with hashes', () => {
    expect(report.text('#data dl')).toContain('Users 15,138 Items 8,439 Train 171,621 Validation 19,370 Test 19,448')
    expect(report.text('#data dl')).toContain('0.1343 % of all user–item pairs')
    expect(report.all('.decisions li').map(item => item.textContent)).toEqual(sampleReport().data.decisions)
    expect(report.cells('#data tbody tr')).toContainEqual([
      'Held-out interactions with items that train does not know',
      '12',
    ])
    expect(report.cells('#data tbody tr')).toContainEqual(['data/sports/train.txt', '1.18 MB', 'a1'.repeat(32)])
    expect(report.text('#data')).toContain(sampleReport().dataHash)
  })

  it('shows time and memory of every stage', () => {
    expect(report.cells('#stages tbody tr')).toContainEqual(['train-lightgcn+mixgcf', '742', '', '1.10 GB'])
    expect(report.text('#stages caption')).toMatch(/^14 min 4 s in all\./)
    expect(report.cells('#stages details tbody tr')).toEqual([
      ['data', 'its inputs and options', 'd4'.repeat(32)],
      ['data', 'train.parquet', 'e5'.repeat(32)],
    ])
  })

  it('shows every option by group, and the environment', () => {
    expect(report.all('#options h3').map(title => title.textContent)).toEqual([
      'Source',
      'Run',
      'Model',
      'Base sampler',
      'Baselines',
      'Training',
      'Trees',
    ])
    expect(report.cells('#options dl div')).toEqual(
      expect.arrayContaining([
        ['cutoffs', '10, 20, 50'],
        ['name', 'lightgcn'],
        ['dimensions', '64'],
        ['popularity', 'no options'],
        ['ease.regularization', '100'],
        ['learningRate', '0.001'],
      ]),
    )
    expect(report.cells('#environment dl div')).toContainEqual(['cpu', 'AMD EPYC 7B13'])
    expect(report.cells('#environment dl div')).toContainEqual(['memoryBytes', '33.6 GB'])
  })

  it('loads nothing, and has a policy that allows nothing but its own style sheet and script', () => {
    expect(report.page).not.toMatch(/https?:|\ssrc=|<link|<img|<iframe|@import|url\(|\sstyle="|\son\w+="/)
    expect(report.all('[href]').every(link => link.getAttribute('href')!.startsWith('#'))).toBe(true)
    expect(report.all('style')).toHaveLength(1)
    expect(report.page.match(/<script>/g)).toHaveLength(1)
    const hashOf = (name: string) => {
      const [, text] = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(report.page)!
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    }
    expect(report.document.querySelector('meta[http-equiv]')!.getAttribute('content')).toBe(
      `default-src 'none'; style-src ${hashOf('style')}; script-src ${hashOf('script')}; base-uri 'none'; form-action 'none'`,
    )
  })

  it('is made for reading aloud: captions, headings of rows and columns, unique ids', () => {
    for (const table of report.all('table')) {
      expect(table.querySelector('caption')!.textContent).not.toBe('')
      expect(table.querySelector('thead th[scope=col]')).not.toBeNull()
      expect(table.querySelectorAll('tbody tr').length).toBeGreaterThan(table.closest('.inspector') ? -1 : 0)
      for (const row of table.querySelectorAll('tbody tr')) expect(row.querySelector('th[scope]')).not.toBeNull()
    }
    for (const figure of report.all('figure')) expect(figure.querySelector('figcaption')).not.toBeNull()
    for (const svg of report.all('svg'))
      expect(svg.getAttribute('aria-hidden') === 'true' || svg.hasAttribute('aria-label')).toBe(true)
    for (const region of report.all('[role=region]')) expect(region.getAttribute('tabindex')).toBe('0')
    const ids = report.all('[id]').map(element => element.id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('gives the same bytes for the same data', async () => {
    expect(await renderReport(sampleReport())).toBe(report.page)
    expect(await renderReport(JSON.parse(JSON.stringify(sampleReport())))).toBe(report.page)
  })
})

it('stays below 3 MB with the largest sample of users, long histories and long answers', async () => {
  const base = sampleReport()
  const ids = Array.from({ length: 8439 }, (_, item) => item)
  const items = ids.map(item => ({
    id: 15138 + item,
    structural: '0-1-2-3-0',
    semantic: '3-2-1-0-3',
    interactions: 20,
  }))
  const near = { steps: 4, item: 8000 }
  const candidate = { verdict: 'positive', confidence: 1 / 3, nearest: { structural: near, semantic: near } } as const
  const user = {
    history: ids.slice(-300),
    historyLength: 300,
    candidates: ids.slice(-30).map(item => ({ item, ...candidate })),
    heldOut: ids.slice(-8).map(item => ({ item, part: 'test' as const, rank: 50 })),
    answer: 'x'.repeat(2000),
  }
  const sample = ids.slice(0, 400).map(id => ({ id, ...user }))
  const page = await renderReport({ ...base, inspector: { ...base.inspector!, items, sample } })
  expect(page.length).toBeGreaterThan(1e6)
  expect(Buffer.byteLength(page)).toBeLessThan(3e6)
})

/** Every string in the data, keys included, made hostile. */
function poison<T>(value: T, text: string): T {
  if (typeof value === 'string') return (value + text) as T
  if (Array.isArray(value)) return value.map(inner => poison(inner, text)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, poison(inner, text)])) as T
}

describe('text from outside', () => {
  const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)></style></title><!--`

  it('is shown as it is, and never is markup', async () => {
    const sample = sampleReport()
    const row = { ...sample.rows[0], method: hostile, metrics: { [`${hostile}@10`]: 0.5, [hostile]: 0.25 } }
    const { shown, all, text } = await open({
      ...poison(sample, hostile),
      environment: { [hostile]: hostile },
      options: { [hostile]: { [hostile]: { [hostile]: hostile }, list: [hostile, { [hostile]: hostile }] } },
      metrics: [`${hostile}@10`],
      rows: [row, { ...row, protocol: 'released' }, { ...row, skipped: hostile }],
      trees: sample.trees,
    })
    expect(shown).not.toMatch(/<script|<img|<!--/)
    expect(all('img')).toHaveLength(0)
    expect(all('style, title')).toHaveLength(2 + all('svg title').length)
    for (const place of [
      'title',
      'h1',
      '.summary',
      '.results th[scope=row]',
      '#judge dl',
      '.decisions',
      '#environment',
    ])
      expect(text(place)).toContain(hostile)
    expect(all('*').some(element => element.hasAttribute('onerror'))).toBe(false)
  })
})

describe('a report of little', () => {
  const { comparison: _, audits: __, inspector: ___, ...sample } = sampleReport()
  const empty: ReportData = {
    ...sample,
    environment: {},
    options: {},
    rows: [],
    metrics: [],
    curves: [],
    trees: [],
    stages: [],
  }

  it('says in words what there is not', async () => {
    const { judge: _, ...data } = empty
    const { text } = await open({ ...data, data: { ...data.data, decisions: [], files: [] } })
    expect(text('#results')).toContain('Nothing was evaluated in this run.')
    expect(text('#learning')).toContain('No model was trained epoch by epoch in this run.')
    expect(text('#trees')).toContain('No trees were built in this run.')
    expect(text('#judge')).toContain('Nothing was judged in this run.')
    expect(text('#inspector')).toContain('There is no judged user to look at.')
    expect(text('#data')).toContain('The data came from no file.')
    expect(text('#stages')).toContain('No stage was timed.')
    expect(text('#options')).toContain('There were no options.')
  })

  it('takes a judge without candidates, and accuracies that are not numbers', async () => {
    const judge = {
      name: 'prefix',
      candidates: 0,
      positives: 0,
      invalid: 0,
      byPrefix: [],
      accuracy: { precision: Number.NaN, recall: Number.NaN, baseRate: Number.NaN },
    }
    const { text, shown } = await open({ ...empty, judge })
    expect(text('#judge')).toContain('Candidates 0 Judged positive 0 Unreadable answers 0')
    expect(text('#judge')).toContain('There was no candidate to judge')
    expect(text('#judge')).toMatch(/Precision – .*Lift – /)
    expect(shown).not.toMatch(/NaN|undefined|\[object/)
  })

  it('takes prefixes without candidates', async () => {
    const judge = {
      name: 'p',
      candidates: 1,
      positives: 1,
      invalid: 0,
      byPrefix: [{ prefix: 0, candidates: 0, positives: 0 }],
    }
    const { cells, all } = await open({ ...empty, judge })
    expect(cells('#judge tbody tr')[0].slice(0, 4)).toEqual(['0', '0', '0', '–'])
    expect(all('#judge .fill')[0].getAttribute('width')).toBe('0%')
  })

  it('marks no best value among one method, among equal ones, or of what describes lists', async () => {
    const row = {
      method: 'a',
      protocol: 'strict',
      variant: 'history train',
      seconds: 1,
      metrics: { 'recall@5': 0.5, 'coverage@5': 0.1 },
    } as const
    const metrics = ['recall@5', 'coverage@5']
    const one = await open({ ...empty, rows: [row], metrics })
    expect(one.all('.best')).toHaveLength(0)
    expect(one.text('.results caption')).toBe('Test results under the strict protocol.')
    const two = [row, { ...row, method: 'b', metrics: { 'recall@5': 0.50001, 'coverage@5': 0.9 } }]
    expect((await open({ ...empty, rows: two, metrics })).all('.best')).toHaveLength(0)
    expect((await open({ ...empty, rows: two, metrics })).text('#reading')).toContain(
      '(Coverage) has no better or worse',
    )
  })

  it('takes no metrics, and figures that are missing', async () => {
    const row = { method: 'a', protocol: 'strict', variant: 'history train', seconds: 1, metrics: {} } as const
    expect((await open({ ...empty, rows: [row] })).cells('.results tbody tr')).toEqual([['a', '1.0']])
    const missing = await open({ ...empty, rows: [row], metrics: ['recall@5', 'auc'] })
    expect(missing.cells('.results thead tr')[0]).toEqual(['Method', 'At 5', 'Others', 'Seconds'])
    expect(missing.cells('.results tbody tr')).toEqual([['a', '–', '–', '1.0']])
  })

  it('says so when all rows are of the released protocol', async () => {
    const row = {
      method: 'a',
      protocol: 'released',
      variant: 'history train',
      seconds: 1,
      metrics: { 'recall@5': 0.5 },
    } as const
    const { text, all } = await open({
      ...empty,
      rows: [row, { ...row, method: 'b', metrics: {} }],
      metrics: ['recall@5'],
    })
    expect(text('.results caption')).toBe('Test results under the released protocol.')
    expect(all('.results .badge')).toHaveLength(2)
  })

  it('takes a training of one epoch, without validation and without a finite loss', async () => {
    const record = { epoch: 1, loss: 0.69, accuracy: 0.5, skipped: 0 }
    const { all, text, shown } = await open({ ...empty, curves: [{ method: 'a', history: [record], bestEpoch: 1 }] })
    expect(all('#learning svg circle')).toHaveLength(1)
    expect(text('#learning')).toContain('Nothing was measured.')
    const broken = [{ ...record, loss: Number.NaN }]
    expect(
      (await open({ ...empty, curves: [{ method: 'a', history: broken, bestEpoch: 1 }] })).all('.plot'),
    ).toHaveLength(0)
    expect(shown).not.toMatch(/NaN|undefined/)
  })

  it('draws long trainings with few points, and finds the best epoch all the same', async () => {
    const history = Array.from({ length: 20_000 }, (_, index) => ({
      epoch: index + 1,
      loss: 1 / (index + 1),
      accuracy: 1,
      skipped: 0,
      validation: index / 20_000,
    }))
    const { page, all } = await open({ ...empty, curves: [{ method: 'a', history, bestEpoch: 17_777 }] })
    expect(page.length).toBeLessThan(66_000)
    expect(all('#learning svg circle')).toHaveLength(1)
  })

  it('takes a tree whose root is a leaf', async () => {
    const { text, all } = await open({ ...empty, trees: [sampleTree('semantic', 20, 0)] })
    expect(text('#trees dl')).toContain('Leaves 1 Code length 0 to 0, mean 0.00')
    expect(text('#trees dl')).toContain('none: the root is a leaf')
    expect(all('.icicle rect')).toHaveLength(1)
  })
})
