/** A study as one HTML file: the paragraph, the table, the figure, and what they were made with. */
import { type Html, html } from '../../report/page/html.ts'
import { renderPage } from '../../report/page/page.ts'
import { breakable, scrolling, table } from '../../report/page/table.ts'
import { environmentSection, optionsSection } from '../../report/sections/settings.ts'

export interface StudyReport {
  readonly title: string
  readonly paragraph: string
  readonly header: readonly string[]
  /** cells as they are written, the first a name */
  readonly rows: readonly (readonly string[])[]
  readonly figure: Html
  /** what its marks are */
  readonly marks: string
  readonly source: string
  /** by group, see `optionsSection` */
  readonly options: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string | number>>
}

/** The whole file. A function of the data alone: the same data give the same bytes. */
export function renderStudyReport(report: StudyReport): string {
  const { title, paragraph, header, rows, figure, marks, source, options, environment } = report
  const results = table({
    caption: title,
    columns: header.map((name, index) => ({ title: name, numeric: index > 0 })),
    rows: rows.map(([name, ...cells]) => [breakable(name), ...cells]),
  })
  const sections = [
    {
      id: 'results',
      title: 'Results',
      body: html`<figure class="study">${figure}<figcaption>${marks}</figcaption></figure>${scrolling('Results', results)}`,
    },
    { id: 'source', title: 'Source', body: html`<p>${source}.</p>` },
    { id: 'options', title: 'Options', body: optionsSection(options) },
    { id: 'environment', title: 'Environment', body: environmentSection(environment) },
  ]
  return renderPage({ title, summary: paragraph, sections })
}
