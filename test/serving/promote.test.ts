import { readlinkSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/run/run.ts'
import { contentOf } from '../../src/serving/content.ts'
import { writeModelFolder } from '../../src/serving/model-folder.ts'
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
  }, 60_000)

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
      `has no row "item-knn", which is served now, to compare "popularity" with: run ${at('later-only')} with that row too (--compare or --baselines)`,
    )
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
      `--over ${at('plain')}: expected a link to a run directory, found a directory; make one with "ln -s <run> <link>" and serve the link`,
    )
    await expect(promoteOver('missing', 'good')).rejects.toThrow('no model in')
  })
})
