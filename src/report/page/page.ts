/** What every report has: one HTML file with our style sheet and script in it, and sections that links lead to. */
import { createHash } from 'node:crypto'
import { type Html, html, trusted } from './html.ts'
import { readScript } from './script.ts'
import { STYLE } from './style.ts'

export interface Section {
  /** what links point to */
  readonly id: string
  readonly title: string
  readonly body: Html
}

export interface Page {
  readonly title: string
  /** what a reader should know who reads nothing else */
  readonly summary: string
  readonly sections: readonly Section[]
}

/** The whole file, as text. */
export function renderPage({ title, summary, sections }: Page): string {
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
`.toString()
}

/** Allows our style sheet and our script, and nothing else: no image, no request. */
function policy(style: string, script: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`
}
