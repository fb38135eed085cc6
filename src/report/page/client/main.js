/*
 * The script of a report. The page is whole without it, but for the inspector: it adds what needs a hand, and loads
 * nothing. No library.
 */
import { addCopyButtons } from './copy.js'
import { all, find } from './helpers.js'
import { enliven } from './icicle.js'
import { inspect } from './inspector.js'

// what was folded away belongs on paper

let closed = []
addEventListener('beforeprint', () => {
  closed = all('details:not([open])')
  for (const part of closed) part.open = true
})
addEventListener('afterprint', () => {
  for (const part of closed) part.open = false
})

for (const table of all('table')) addCopyButtons(table)
for (const svg of all('.icicle')) enliven(svg)
const inspected = find('#inspector-data')
if (inspected) inspect(find('.inspector'), JSON.parse(inspected.textContent))
