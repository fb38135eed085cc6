/** A run as one HTML file: nothing is loaded from elsewhere, so it can be kept, sent and printed. */

import type { ReportData } from './gather/data.ts'
import { html } from './page/html.ts'
import { renderPage, type Section } from './page/page.ts'
import { auditsSection } from './sections/audits.ts'
import { bestSection } from './sections/best.ts'
import { comparisonSection } from './sections/comparison.ts'
import { curvesSection } from './sections/curves.ts'
import { inspectorSection } from './sections/inspector.ts'
import { judgeSection } from './sections/judge.ts'
import { profileSection } from './sections/profile.ts'
import { dataSection, stagesSection } from './sections/provenance.ts'
import { readingNotes, resultsSection } from './sections/results.ts'
import { secondStageSection } from './sections/second-stage.ts'
import { environmentSection, optionsSection } from './sections/settings.ts'
import { treesSection } from './sections/trees.ts'

/** The whole file. A function of the data alone: the same data give the same bytes. */
export async function renderReport(data: ReportData): Promise<string> {
  const sections: readonly Section[] = [
    ...(data.best ? [{ id: 'best', title: 'The best method', body: bestSection(data.best) }] : []),
    { id: 'results', title: 'Results', body: html`${resultsSection(data)}${await comparisonSection(data.comparison)}` },
    { id: 'reading', title: 'How to read it', body: readingNotes(data) },
    ...(data.secondStage
      ? [{ id: 'second-stage', title: 'The second stage', body: await secondStageSection(data.secondStage) }]
      : []),
    { id: 'learning', title: 'Learning', body: await curvesSection(data.curves) },
    { id: 'trees', title: 'Trees', body: await treesSection(data) },
    { id: 'judge', title: 'Judge', body: html`${judgeSection(data.judge)}${await auditsSection(data.audits)}` },
    { id: 'inspector', title: 'Inspector', body: inspectorSection(data.inspector) },
    { id: 'data', title: 'Data', body: dataSection(data.data, data.dataHash) },
    { id: 'stages', title: 'Time and memory', body: stagesSection(data.stages) },
    ...(data.profile ? [{ id: 'profile', title: 'Where the time goes', body: profileSection(data.profile) }] : []),
    { id: 'options', title: 'Options', body: optionsSection(data.options) },
    { id: 'environment', title: 'Environment', body: environmentSection(data.environment) },
  ]
  return renderPage({ title: data.title, summary: data.summary, sections })
}
