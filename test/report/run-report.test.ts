import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ReportData } from '../../src/report/gather/data.ts'
import { gatherReport } from '../../src/report/run-report.ts'
import { run } from '../../src/run/run.ts'
import { writeSmallData } from '../support/cli.ts'
import { sharedDirectory } from '../support/directory.ts'

const OPTIONS = { threads: 1, epochs: 2, dimensions: 8, layers: 1, leafSize: 8, cutoffs: [5, 20] }

describe('the report of a run', () => {
  const directory = sharedDirectory()
  const out = join(directory, 'run')
  let source: string
  let report: ReportData

  beforeAll(async () => {
    source = writeSmallData(directory)
    await run({ source, directory: out, options: OPTIONS })
    report = await gatherReport(out)
  })

  it('compares dtl-ns with every other method, and gives no verdict on trainings that were cut off', () => {
    const refits = report.rows.filter(({ variant }) => variant === 'refit')
    const others = refits.map(({ method }) => method).filter(method => method !== 'dtl-ns')
    const compared = report.comparison!.comparisons.filter(({ metric }) => metric === 'ndcg@20')
    expect(compared.map(({ method, against }) => [method, against])).toEqual(others.map(other => ['dtl-ns', other]))
    const base = compared.find(({ against }) => against === 'lightgcn+mixgcf')!
    const [own, other] = ['dtl-ns', 'lightgcn+mixgcf'].map(name => refits.find(({ method }) => method === name)!)
    expect(base.difference).toBeCloseTo(own.metrics['ndcg@20'] - other.metrics['ndcg@20'], 12)
    // two epochs are all that it had, so there is no verdict
    expect(report.summary).toMatch(
      /^Best on test: .* No verdict yet: not converged: lightgcn\+mixgcf, dtl-ns had the best validation in the last epoch allowed; raise --epochs\. So far, /,
    )
    expect(report.summary).not.toContain('CI over users')
    expect(report.comparison!.groups.length).toBeGreaterThan(0)
  })

  it('opens with the best method, three users it recommends to, and what to do next', () => {
    const best = report.best!
    const rows = report.rows.filter(({ variant }) => variant === best.variant)
    expect(best.value).toBe(Math.max(...rows.map(({ metrics }) => metrics[best.metric])))
    expect(rows.find(({ method }) => method === best.method)!.metrics[best.metric]).toBe(best.value)
    expect(best.popularity).toBe(rows.find(({ method }) => method === 'popularity')!.metrics[best.metric])
    expect(new Set(best.examples.map(({ user }) => user)).size).toBe(3)
    for (const { history, items } of best.examples) {
      expect(items).toHaveLength(5)
      expect(items.filter(item => history.includes(item))).toEqual([])
    }
    expect(report.summary.startsWith(`Best on test: ${best.method} with NDCG@20 `)).toBe(true)
    // the row that is served is chosen on validation
    expect(best.commands[0]).toBe(`npx dualtree fit ${out}`)
  })

  it('has every user to look at, with what validation and test held out and where dtl-ns lists it', () => {
    const { users, sample, ranked } = report.inspector!
    expect(sample).toHaveLength(users)
    expect(ranked).toEqual({ method: 'dtl-ns', k: 20, part: 'test' })
    const heldOut = sample.flatMap(user => user.heldOut)
    expect(new Set(heldOut.map(({ part }) => part))).toEqual(new Set(['valid', 'test']))
    // validation items are masked at test, so no list has them
    expect(new Set(heldOut.filter(({ rank }) => rank).map(({ part }) => part))).toEqual(new Set(['test']))
  })

  it('counts the held-out candidates by prefix as the single users do', () => {
    const { judge, inspector } = report
    const hits = inspector!.sample.map(({ candidates, heldOut }) => {
      const held = new Set(heldOut.map(({ item }) => item))
      return candidates.filter(({ item }) => held.has(item))
    })
    const counted = judge!.byPrefix.map(({ prefix }) =>
      hits
        .flat()
        .filter(({ nearest: { structural, semantic } }) => Math.max(structural.steps, semantic.steps) === prefix),
    )
    expect(judge!.byPrefix.map(({ heldOut }) => heldOut)).toEqual(counted.map(own => own.length))
    expect(judge!.byPrefix.map(({ heldOutPositives }) => heldOutPositives)).toEqual(
      counted.map(own => own.filter(({ verdict }) => verdict === 'positive').length),
    )
  })

  it('names popular items in every branch, and hashes of every stage', () => {
    for (const { root } of report.trees) {
      expect(root.popular).toHaveLength(5)
      expect(root.children!.every(({ popular }) => popular!.length > 0)).toBe(true)
    }
    for (const { key, files } of report.stages)
      expect([key, ...Object.values(files!)].join('')).toMatch(/^[0-9a-f]{128,}$/)
  })

  it('leaves test closed where the run did', async () => {
    await run({ source, directory: out, options: { ...OPTIONS, evaluateOn: 'valid' } })
    const { judge, inspector, comparison } = await gatherReport(out)
    expect(judge!.opened).toEqual(['valid'])
    expect(comparison!.evaluatedOn).toBe('valid')
    const heldOut = inspector!.sample.flatMap(user => user.heldOut)
    expect(heldOut.length).toBeGreaterThan(0)
    expect(heldOut.every(({ part }) => part === 'valid')).toBe(true)
  })
})
