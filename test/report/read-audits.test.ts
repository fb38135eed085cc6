import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readAudits } from '../../src/report/gather/read-audits.ts'
import { intervalSentence } from '../../src/report/sections/comparison.ts'
import { hashOfFiles } from '../../src/run/stage-folder.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { sampleReport } from './sample.ts'

const filesOf = (stage: string) => ({ 'part.parquet': `hash of ${stage}` })

/** A run directory in which the judges `prefix` and `random` were audited. */
async function auditedRun(data = 'data'): Promise<string> {
  const directory = await temporaryDirectory()
  const stage = async (name: string, inputs: Record<string, string>, report?: unknown) => {
    await mkdir(join(directory, name))
    const manifest = { stage: name, key: name, inputs, options: { seed: 1 }, files: filesOf(name) }
    await writeFile(join(directory, name, 'manifest.json'), JSON.stringify(manifest))
    if (report) await writeFile(join(directory, name, 'report.json'), JSON.stringify(report))
  }
  await stage('data', {})
  await stage('audit-cases', { data: hashOfFiles(filesOf(data)) })
  await stage('audit-base', { data: hashOfFiles(filesOf('audit-cases')) })
  const cases = hashOfFiles(filesOf('audit-cases'))
  await stage('audit-random', { cases }, { provenance: { judge: 'random' } })
  await stage('audit-prefix', { cases }, { provenance: { judge: 'prefix' } })
  await stage('audit-old', { cases: 'of other cases' }, { provenance: { judge: 'old' } })
  return directory
}

describe('readAudits', () => {
  const judges = (audits: Awaited<ReturnType<typeof readAudits>>) =>
    audits?.reports.map(({ provenance }) => provenance.judge)

  it('reads the audits on the run’s own cases, and a calibration where there is one', async () => {
    const directory = await auditedRun()
    const audits = await readAudits(directory, 1)
    expect(judges(audits)).toEqual(['prefix', 'random'])
    expect(audits).not.toHaveProperty('calibration')
    await mkdir(join(directory, 'calibration'))
    await writeFile(join(directory, 'calibration', 'calibration.json'), '{"cases": 7}')
    expect((await readAudits(directory, 1))?.calibration?.cases).toBe(7)
  })

  it('leaves out audits of other data, of another seed, and of runs without any', async () => {
    expect(await readAudits(await auditedRun('other data'), 1)).toBeUndefined()
    expect(await readAudits(await auditedRun(), 2)).toBeUndefined()
    expect(await readAudits(await temporaryDirectory(), 1)).toBeUndefined()
  })
})

describe('intervalSentence', () => {
  const { comparison } = sampleReport()

  it('says whether the difference of the summary is statistically significant, with its interval', () => {
    expect(intervalSentence(comparison, 'lightgcn+mixgcf')).toBe(
      ' The difference from the base model is not statistically distinguishable from zero (95 % CI over users: −0.0028 to +0.0012).',
    )
    expect(intervalSentence(comparison, 'ease')).toMatch(
      / is statistically significant \(95 % CI over users: −0\.0279 to −0\.0239\)\.$/,
    )
    expect(intervalSentence(comparison, 'popularity')).toMatch(
      / is statistically significant .*: \+0\.0725 to \+0\.0765\)\.$/,
    )
  })

  it('says nothing without a comparison', () => {
    expect(intervalSentence(undefined, 'ease')).toBe('')
    expect(intervalSentence(comparison, 'mf+dns')).toBe('')
  })
})
