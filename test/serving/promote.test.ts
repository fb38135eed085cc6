import { readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/run/run.ts'
import { contentOf } from '../../src/serving/model/content.ts'
import { writeModelFolder } from '../../src/serving/model/model-folder.ts'
import { promote } from '../../src/serving/promote.ts'
import { runHere, writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'
import { fakeModel } from '../support/fake-model.ts'
import { fitted, shop, sourceOf } from '../support/serving-world.ts'

const directory = sharedDirectory()
const at = (name: string) => join(directory, name)
const OPTIONS = { resamples: 200, permutations: 100 }
let links = 0

/** What of a run is served: the method after the colon. */
const open = async (path: string) => {
  const model = fakeModel()
  const method = SERVED[path.slice(directory.length + 1)]
  if (method === undefined) throw new Error(`no model in ${path}`)
  return { ...model, info: { ...model.info, method } }
}

const SERVED: Record<string, string> = {
  good: 'item-knn',
  bad: 'popularity',
  again: 'item-knn',
  later: 'item-knn',
  'later-bad': 'popularity',
  'later-only': 'popularity',
  lost: 'item-knn',
  others: 'item-knn',
  mixed: 'item-knn',
}

/** Promotes over a link to another run. */
async function promoteOver(next: string, current?: string) {
  const link = at(`current-${links++}`)
  if (current) await symlink(at(current), link)
  const result = await promote({ next: at(next), link, open, options: OPTIONS })
  return { ...result, leadsTo: readlinkSync(link) }
}

describe('promote', () => {
  beforeAll(async () => {
    const source = writeSmallData(directory)
    const make = (name: string, baselines: string[], options = {}) =>
      run({ source, directory: at(name), until: 'baselines', options: { baselines, ...options } })
    await make('good', ['item-knn', 'popularity'])
    await make('bad', ['popularity'])
    await make('again', ['item-knn'])
    await make('later', ['item-knn'], { kCore: 2 })
    await make('later-bad', ['item-knn', 'popularity'], { kCore: 2 })
    await make('later-only', ['popularity'], { kCore: 2 })
    const change = async (name: string, changed: (rows: string[], part: string) => string[]) => {
      await mkdir(at(`${name}-data`))
      for (const part of ['train', 'valid', 'test']) {
        const rows = readFileSync(join(source, `${part}.txt`), 'utf8')
          .trim()
          .split('\n')
        writeFileSync(join(at(`${name}-data`), `${part}.txt`), changed(rows, part).join('\n'))
      }
      await run({
        source: at(`${name}-data`),
        directory: at(name),
        until: 'baselines',
        options: { baselines: ['item-knn'] },
      })
    }
    const train = (work: (rows: string[]) => string[]) => (rows: string[], part: string) =>
      part === 'train' ? work(rows) : rows
    await change(
      'lost',
      train(rows => rows.slice(0, Math.floor(0.8 * rows.length))),
    )
    await change('others', rows => rows.map(row => `new-${row}`))
    // each user has the items of somebody else
    const itemOf = (row: string) => row.split(' ')[1]
    await change(
      'mixed',
      train(rows => rows.map((row, at) => `${row.split(' ')[0]} ${itemOf(rows[(at * 7919) % rows.length])}`)),
    )
  })

  it('makes the link when there is none', async () => {
    expect(await promoteOver('bad')).toMatchObject({ promoted: true, method: 'popularity', leadsTo: 'bad' })
  })

  it('leaves the link where it is when the new one is worse, and shows the table', async () => {
    const { promoted, leadsTo, reason, comparison, worse } = await promoteOver('bad', 'good')
    expect({ promoted, leadsTo }).toEqual({ promoted: false, leadsTo: at('good') })
    expect(reason).toBe(`${at('bad')} is worse in recall@20 and ndcg@20: the interval lies below zero.`)
    expect(comparison!.comparisons).toHaveLength(2)
    for (const { interval, difference } of worse) expect(interval.high).toBeLessThan(Math.min(0, difference / 10))
  })

  it('swaps when no interval shows it to be worse', async () => {
    expect(await promoteOver('good', 'bad')).toMatchObject({
      promoted: true,
      before: at('bad'),
      leadsTo: 'good',
      worse: [],
    })
    const same = await promoteOver('again', 'good')
    expect(same).toMatchObject({
      promoted: true,
      leadsTo: 'again',
      reason: 'item-knn has the same figures in both runs, bit by bit.',
    })
    expect((await promoteOver('good', 'good')).reason).toContain('leads there already')
  })

  it('compares on the data of the new run when the current one is of other data', async () => {
    expect(await promoteOver('later', 'good')).toMatchObject({ promoted: true, leadsTo: 'later' })
    const { promoted, comparison } = await promoteOver('later-bad', 'good')
    expect(promoted).toBe(false)
    expect(comparison!.comparisons[0]).toMatchObject({ method: 'popularity', against: 'item-knn' })
    await expect(promoteOver('later-only', 'good')).rejects.toThrow(
      `${at('later-only')} has no row "item-knn" to compare with the one that is served: run it with that row too (--compare or --baselines)`,
    )
  })

  it('looks for damage where the same method is of other data: rows lost, other ids, items that are not those of their users', async () => {
    expect(await promoteOver('later', 'good')).toMatchObject({
      promoted: true,
      reason: 'the data are new, and item-knn does about as well on them, over the users in common.',
      comparison: { methods: [{ name: 'item-knn (later)' }, { name: 'item-knn (good)' }] },
    })
    const lost = await promoteOver('lost', 'good')
    expect(lost).toMatchObject({ promoted: false, leadsTo: at('good'), worse: [] })
    expect(lost.reason).toMatch(
      /lost has \d+ interactions where there were \d+, over --tolerance: data may be missing\. If/,
    )
    const others = await promoteOver('others', 'good')
    expect(others.promoted).toBe(false)
    expect(others.reason).toMatch(
      /of the \d+ users with held-out items in .*good, 0 have some in .*others: these are other users/,
    )
    const mixed = await promoteOver('mixed', 'good')
    expect(mixed).toMatchObject({ promoted: false, leadsTo: at('good') })
    expect(mixed.reason).toMatch(
      /^item-knn is worse on the new data in recall@20 and ndcg@20, by more than --tolerance/,
    )
    expect(mixed.comparison!.users).toBeGreaterThan(10)
    const link = at('current-tolerant')
    await symlink(at('good'), link)
    const tolerant = { ...OPTIONS, tolerance: 1 }
    expect(await promote({ next: at('lost'), link, open, options: tolerant })).toMatchObject({ promoted: true })
  })

  it('ends with exit code 1 and the table on the command line, or moves the link', async () => {
    const data = shop()
    for (const [name, method] of [
      ['good', 'item-knn'],
      ['bad', 'popularity'],
    ])
      await writeModelFolder(at(`${name}/model`), contentOf(sourceOf(fitted(method, data), data, { method })))
    const link = at('served')
    const call = (next: string) => runHere(['promote', at(next), '--over', link, '--quiet', '--permutations', '100'])
    expect(await call('good')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Promoted: ${link} leads to ${at('good')} (item-knn).`),
    })
    const { code, stdout } = await call('bad')
    expect(code).toBe(1)
    expect(stdout).toContain('interval: 95 % bootstrap over users')
    expect(stdout).toContain(`Not promoted: ${link} still leads to ${at('good')}.`)
    expect(readlinkSync(link)).toBe('good')
  })

  it('wants a link, and a model that can be served', async () => {
    await mkdir(at('plain'))
    await expect(promote({ next: at('good'), link: at('plain'), open })).rejects.toThrow(
      `--over ${at('plain')}: expected a link to a run directory, found a directory; make one with "ln -s RUN LINK" and serve the link`,
    )
    await expect(promoteOver('missing', 'good')).rejects.toThrow('no model in')
  })
})
