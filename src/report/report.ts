/** A run as one HTML file: nothing is loaded from elsewhere, so it can be kept, sent and printed. */
import { createHash } from 'node:crypto'
import { auditsSection } from './audits.ts'
import { comparisonSection } from './comparison.ts'
import { curvesSection } from './curves.ts'
import type { ReportData } from './data.ts'
import { type Html, html, trusted } from './html.ts'
import { inspectorSection } from './inspector.ts'
import { judgeSection } from './judge.ts'
import { profileSection } from './profile.ts'
import { dataSection, stagesSection } from './provenance.ts'
import { readingNotes, resultsSection } from './results.ts'
import { readScript } from './script.ts'
import { environmentSection, optionsSection } from './settings.ts'
import { STYLE } from './style.ts'
import { treesSection } from './trees.ts'

interface Section {
  /** what links point to */
  readonly id: string
  readonly title: string
  readonly body: Html
}

/** The whole file. A function of the data alone: the same data give the same bytes. */
export async function renderReport(data: ReportData): Promise<string> {
  const sections: readonly Section[] = [
    { id: 'results', title: 'Results', body: html`${resultsSection(data)}${await comparisonSection(data.comparison)}` },
    { id: 'reading', title: 'How to read it', body: readingNotes(data) },
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
  return page(data, sections).toString()
}

function page({ title, summary }: ReportData, sections: readonly Section[]): Html {
  const script = readScript()
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(STYLE, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="dualtree">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
<header>
<h1>${title}</h1>
<p class="summary">${summary}</p>
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main id="main" tabindex="-1">
${sections.map(
  ({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`,
)}</main>
<p id="status" class="hidden" role="status" aria-live="polite"></p>
<script>${trusted(script)}</script>
</body>
</html>
`
}

/** Allows our style sheet and our script, and nothing else: no image, no request. */
function policy(style: string, script: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`
}
