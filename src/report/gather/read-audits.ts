/** Audits that lie in a run directory, those of this run's data and seed alone. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findJson, readJson } from '../../files.ts'
import { hashOfFiles, readManifest } from '../../run/stage-folder.ts'
import type { ReportAudits } from './data.ts'

/** @returns undefined when no judge was audited, or on other data or with another seed than the run has now */
export async function readAudits(directory: string, seed: number): Promise<ReportAudits | undefined> {
  const [data, cases] = await Promise.all(['data', 'audit-cases'].map(stage => readManifest(join(directory, stage))))
  const made = cases?.options as { seed?: number } | undefined
  if (!data || !cases || made?.seed !== seed || cases.inputs.data !== hashOfFiles(data.files)) return
  const reports: ReportAudits['reports'][number][] = []
  for (const folder of (await readdir(directory)).sort()) {
    if (!folder.startsWith('audit-') || folder.endsWith('.partial')) continue
    const manifest = await readManifest(join(directory, folder))
    if (manifest?.inputs.cases !== hashOfFiles(cases.files)) continue
    reports.push(await readJson(join(directory, folder, 'report.json'), `run "dualtree judge audit ${directory}"`))
  }
  if (reports.length === 0) return
  const remedy = `run "dualtree judge calibrate ${directory}"`
  const calibration = await findJson<ReportAudits['calibration']>(
    join(directory, 'calibration/calibration.json'),
    remedy,
  )
  return { reports, ...(calibration && { calibration }) }
}
