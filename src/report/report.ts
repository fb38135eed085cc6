/** A run as one HTML file: nothing is loaded from elsewhere, so it can be kept, sent and printed. */

import type { ReportData } from './gather/data.ts'
import { html } from './page/html.ts'
import { renderPage, type Section } from './page/page.ts'
import type { Looks } from './page/plot.ts'
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
  const looks = looksOf(data)
  const sections: readonly Section[] = [
    ...(data.best ? [{ id: 'best', title: 'The best method', body: bestSection(data.best) }] : []),
    {
      id: 'results',
      title: 'Results',
      body: html`${resultsSection(data)}${await comparisonSection(data.comparison, looks)}`,
    },
    { id: 'reading', title: 'How to read it', body: readingNotes(data) },
    ...(data.secondStage
      ? [{ id: 'second-stage', title: 'The second stage', body: await secondStageSection(data.secondStage) }]
      : []),
    { id: 'learning', title: 'Learning', body: await curvesSection(data.curves, looks) },
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

/** A colour for each method of the run, in the order of the table; the released protocol's training has other dashes. */
function looksOf({ rows, curves, comparison }: ReportData): Looks {
  const names = [...rows, ...curves].map(({ method }) => method)
  const plain = (method: string) => method.replace(/ \(released\)$/, '')
  const order = [...new Set([...names, ...(comparison?.methods ?? []).map(({ name }) => name)].map(plain))]
  return method => {
    const colour = order.indexOf(plain(method))
    return { colour, dash: colour + (plain(method) === method ? 0 : 2) }
  }
}
