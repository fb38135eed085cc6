/** Rows one below the other: the heading, and then each cell behind the title of its column, in as many columns as there is room for. */
const stacked = (table: string) => `
  ${table} { display: flex; flex-direction: column; }
  ${table} caption { order: 1; display: block; }
  ${table} thead { display: none; }
  ${table} :is(tbody, tfoot) { display: block; }
  ${table} tr { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(10.5rem, 100%), 1fr)); gap: .1rem 1.4rem; padding: .45rem 0; border-bottom: 1px solid var(--line); }
  ${table} :is(th, td) { border: 0; padding: 0 !important; min-width: 0 !important; }
  ${table} th[scope] { grid-column: 1 / -1; position: static; font-weight: 600; }
  ${table} td { display: flow-root; white-space: normal !important; overflow-wrap: anywhere; }
  ${table} td :is(small, code) { white-space: normal; }
  ${table} td:not([data-label]) { grid-column: 1 / -1; }
  ${table} td[data-label]::before { content: attr(data-label); float: left; max-width: 65%; margin-inline-end: .8rem; text-align: start; color: var(--soft); font-size: .88em; line-height: 1.6; }
  ${table} td.wide { display: none; }`

/** The style sheet of a report: light, dark and paper; from a telephone to a wide screen. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fdfcfa; --raised: #f4f2ed; --ink: #1f2428; --soft: #5a6269; --line: #ddd9d1; --edge: #8a8478; --mark: #ffe08a; --accent: #0b6680;
  --c1: #0b6e99; --c2: #ad4e0b; --c3: #33702d; --c4: #8350a0; --c5: #b3304f; --c6: #77631f; --c7: #00796b; --c8: #566070;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b; --raised: #1e2226; --ink: #e3e5e6; --soft: #a2a9af; --line: #343a40; --edge: #767d84; --mark: #5c4a12; --accent: #6cc3dc;
    --c1: #5fb3dd; --c2: #f0954d; --c3: #7cc274; --c4: #c197da; --c5: #f0809a; --c6: #cdb568; --c7: #4fc0b0; --c8: #a8b3c2;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; padding: 2.5rem 1rem 4rem; max-width: 68rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
@media (min-width: 50rem) { body { padding-inline: 2rem; } }
h1 { margin: 0; font-size: clamp(1.6rem, 4vw, 2.2rem); line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 1rem; font-size: 1.35rem; line-height: 1.3; font-weight: 620; }
h3 { margin: 1.75rem 0 .5rem; font-size: 1.02rem; line-height: 1.35; font-weight: 620; }
h3 small { font-weight: 400; color: var(--soft); font-size: inherit; }
p, ul, ol { max-width: 44rem; margin: 0 0 1rem; }
li { margin-bottom: .35rem; }
small { color: var(--soft); font-size: .85em; }
a { color: var(--accent); text-underline-offset: .2em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }
main:focus { outline: none; }
.summary { margin-top: .75rem; font-size: 1.12rem; overflow-wrap: anywhere; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; list-style: none; padding: .75rem 0; max-width: none; border-block: 1px solid var(--line); }
nav li { margin: 0; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
main > section { margin-top: 3.25rem; scroll-margin-top: 1rem; }
.name, dd, li, .summary, h1 { unicode-bidi: isolate; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .86em; }
.below { margin-top: 1rem; }
.hash { overflow-wrap: anywhere; color: var(--soft); }
.note { border-inline-start: 3px solid var(--c2); padding: .1rem 0 .1rem .9rem; }

table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .93rem; line-height: 1.4; }
caption { caption-side: bottom; text-align: start; padding-top: .6rem; color: var(--soft); font-size: .88rem; }
th, td { padding: .42rem .7rem; text-align: start; vertical-align: baseline; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--soft); font-size: .86rem; vertical-align: bottom; }
tbody th { overflow-wrap: anywhere; min-width: 5rem; }
tr > :first-child { padding-inline-start: 0; }
tr > :last-child { padding-inline-end: 0; }
tfoot th, tfoot td { border-bottom: 0; border-top: 1px solid var(--soft); }
table:has(th:nth-child(12)) :is(th, td) { padding-inline: .42rem; }
table:has(th:nth-child(12)) tr > :first-child { padding-inline-start: 0; }
.numeric { text-align: end; white-space: nowrap; }
thead .numeric { white-space: normal; }
.wide { width: 45%; }
.scrolling { position: relative; overflow-x: auto; /* a shadow where there is more to the right; what scrolls along covers it at the end */
  background: linear-gradient(to left, var(--paper) 40%, transparent) right / 2.5rem 100% no-repeat local,
    linear-gradient(to left, color-mix(in srgb, var(--ink) 18%, transparent), transparent) right / .9rem 100% no-repeat scroll; }
.scrolling th[scope=row], .scrolling thead tr:first-child > th:first-child { position: sticky; left: 0; background: var(--paper); z-index: 1; }
.scrolling th[scope=row] { min-width: 9rem; }
@media (max-width: 34rem) { .scrolling th[scope=row] { min-width: 7.5rem; } }
.scrolling .key { min-width: 11rem; }
.results .group { text-align: center; border-inline-start: 1px solid var(--line); }
.results .first { border-inline-start: 1px solid var(--line); }
.results thead tr:nth-child(2) > th { padding-inline: .6rem; }
.results .numeric { padding-inline: .6rem; }
.results tbody tr > .numeric:last-child, .results thead tr:first-child > :last-child { padding-inline-end: 0; }
.best { font-weight: 680; color: var(--accent); white-space: nowrap; }
.skipped td { color: var(--soft); font-style: italic; white-space: normal; min-width: 14rem; }
.released th[scope=rowgroup] { padding-top: 1.4rem; color: var(--soft); font-size: .88rem; }
.released th[scope=rowgroup] span, .scrolling caption span { position: sticky; left: 0; display: inline-block; max-width: min(60rem, calc(100vw - 2.5rem)); }
.badge { display: inline-block; padding: 0 .45em; border: 1px solid var(--c2); border-radius: 1em; color: var(--c2); font-size: .76rem; white-space: nowrap; }
.bar { display: block; width: 100%; min-width: 4rem; height: .7rem; align-self: center; }
.bar .rail { fill: var(--raised); }
.bar .fill { fill: var(--c1); }
.key { display: flex; align-items: center; gap: .5rem; }
.swatch { flex: none; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; max-width: none; font-size: .93rem; }

dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(10rem, 100%), 1fr)); gap: .9rem 1.5rem; margin: 0 0 1.25rem; }
dt { color: var(--soft); font-size: .86rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.terms { display: block; max-width: 44rem; }
.terms div { margin-bottom: .5rem; }
.terms dt { color: inherit; font-size: inherit; font-weight: 620; }
.options { display: block; max-width: 44rem; font-size: .93rem; }
.options div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: .3rem 0; border-bottom: 1px solid var(--line); }
.options dd { text-align: end; margin-inline-start: auto; }
.groups { columns: 19rem; column-gap: 2.5rem; }
.groups section { break-inside: avoid; padding-top: 1px; }
.groups h3 { margin-top: 0; }
.groups :is(dl, p) { margin-bottom: 1.75rem; }
.decisions { padding-inline-start: 1.3rem; overflow-wrap: anywhere; }

figure { margin: 0 0 1.5rem; min-width: 0; }
figure h3 { margin-top: 0; }
figure.tree { margin-top: 2rem; }
figcaption { margin-top: .5rem; max-width: 44rem; color: var(--soft); font-size: .88rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(21rem, 100%), 1fr)); gap: 1rem 2rem; }
.plot { display: block; width: 100%; height: auto; max-width: 36rem; font-size: 12.5px; color: var(--soft); --plot-background: var(--paper); }
.plot text, .plot tspan { white-space: pre; }
.icicle { display: block; overflow: hidden; border-radius: 3px; }
.icicle rect { fill-opacity: .42; stroke: var(--paper); stroke-width: 1px; }
.icicle rect.odd { fill-opacity: .3; }
.icicle rect.tight { stroke: none; fill-opacity: .62; }
.icicle rect.tight.odd { fill-opacity: .3; }
.icicle rect:is(:hover, :focus) { fill-opacity: .85; }
.icicle rect:focus { outline: none; stroke: var(--ink); stroke-width: 2px; }
.branch { display: grid; min-height: 3.2em; margin: .5rem 0 0; max-width: none; font-size: .93rem; overflow-wrap: anywhere; }
.branch[hidden] { display: none; }
.branch span { color: var(--soft); }
.icicle .root { fill: var(--c8); fill-opacity: .25; }
.icicle .b1 { fill: var(--c1); } .icicle .b2 { fill: var(--c2); } .icicle .b3 { fill: var(--c3); } .icicle .b4 { fill: var(--c4); }
.icicle .b5 { fill: var(--c5); } .icicle .b6 { fill: var(--c6); } .icicle .b7 { fill: var(--c7); } .icicle .b8 { fill: var(--c8); }
.icicle text { fill: var(--ink); font-size: 12px; text-anchor: middle; dominant-baseline: central; pointer-events: none; }
@media (max-width: 45rem) { .icicle .roomy { display: none; } }
@media (max-width: 34rem) { .wide { display: none; } }
@media (max-width: 60rem) { .results .numeric, .results thead tr:nth-child(2) > th { padding-inline: .3rem; } }
@media screen {${stacked('.stack-always')}
}
@media screen and (max-width: 34rem) {${stacked('.stack-narrow')}
}
@media screen and (max-width: 46rem) {${stacked('.stack-medium')}
}
@media screen and (max-width: 68rem) {${stacked('.stack-wide')}
}
.copy { margin: .4rem 0 1.25rem; max-width: none; color: var(--soft); font-size: .82rem; }
button {
  font: inherit; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: .35em;
  padding: .1em .55em; min-height: 24px; cursor: pointer;
}
button:hover { border-color: var(--accent); background: var(--raised); }
button:disabled { opacity: .5; cursor: default; }
.controls { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: center; margin-bottom: .75rem; }
.controls :is(label, select, input) { max-width: 100%; }
input, select { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--edge); border-radius: .35em; padding: .25em .5em; }
input { width: 12rem; }
.place { color: var(--soft); font-size: .88rem; }
.inspected { min-height: 3.1em; overflow-wrap: anywhere; }
.inspector code { white-space: nowrap; font-size: .92em; }
.inspector td, .inspector small { white-space: nowrap; }
@media screen and (max-width: 60rem) { .inspector :is(td, small) { white-space: normal; } }
mark { background: var(--mark); color: inherit; border-radius: 2px; padding: .1em 0; }
.verdict { white-space: nowrap; color: var(--soft); }
.verdict.positive { color: var(--c3); font-weight: 620; }
.verdict.invalid { color: var(--c2); }
tr.hit > *, tr.near > * { background: var(--raised) !important; }
tr.hit > :first-child { box-shadow: inset 3px 0 var(--c3); padding-inline-start: .6rem; }
.inspector details .scrolling { max-height: 24rem; overflow: auto; }
.inspector details thead th { position: sticky; top: 0; z-index: 2; background: var(--paper); }
.answer pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--raised); padding: .75rem 1rem; font-size: .86rem; }
details { margin-top: 1rem; }
summary { cursor: pointer; color: var(--accent); width: fit-content; }
details[open] summary { margin-bottom: .75rem; }

@media print {
  @page { margin: 15mm; }
  html { font-size: 9.5pt; }
  body { padding: 0; max-width: none; }
  nav, .skip, .copy, .branch { display: none; }
  main > section { margin-top: 1.6rem; }
  h2, h3, .legend { break-after: avoid; }
  tr, svg, .figures figure, dl div, li { break-inside: avoid; }
  .scrolling, .inspector details .scrolling { overflow: visible; max-height: none; }
  .controls { display: none; }
  .inspector details thead th { position: static; }
  .scrolling :is(th, thead tr:first-child > th:first-child, th[scope=row]) { position: static; background: none; }
  table, caption, thead th, .badge, .released th[scope=rowgroup] { font-size: 8pt; }
  th, td { padding: .2rem .35rem; }
  table:has(th:nth-child(12)) :is(th, td) { padding-inline: .2rem; font-size: 7pt; }
  .results .numeric, .results thead tr:nth-child(2) > th { padding-inline: .25rem; }
  .scrolling th[scope=row] { min-width: 4rem; }
  .bar, .icicle, .swatch, .plot { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details::details-content { content-visibility: visible; height: auto; }
  summary { list-style: none; color: var(--soft); }
}
`
