/** The false-negative inspector: a user's history, candidates, codes and verdicts, for the script to show. */
import { formatCount } from '../../numbers.ts'
import type { InspectedCandidate, ReportInspector } from '../gather/data.ts'
import { type Html, html, trusted } from '../page/html.ts'
import { scrolling, table } from '../page/table.ts'

const VERDICTS: readonly InspectedCandidate['verdict'][] = ['positive', 'negative', 'invalid']

export function inspectorSection(inspector: ReportInspector | undefined): Html {
  if (!inspector || inspector.sample.length === 0) return html`<p>There is no judged user to look at.</p>`
  const { users, seed, sample, ranked } = inspector
  const whole = sample.length === users
  return html`<p>What the judge saw of single users, and what it said. In a code, the steps that it shares with the nearest item of the user’s history are marked. “Held out” was looked up after everything was trained and scored: it says that the user did meet the candidate later.${ranked && ` Behind it is where the list of ${ranked.method} has the item, among the first ${ranked.k}.`}</p>
<p>${
    whole
      ? `All ${formatCount(users)} users with candidates are in this file.`
      : `This file holds ${formatCount(sample.length)} of ${formatCount(users)} users with candidates, drawn at random (seed ${seed}), which keeps it small; the verdicts on all are in judge/verdicts.parquet.`
  }</p>
<noscript><p class="note">The inspector needs scripts, which this browser does not run. Everything else is here.</p></noscript>
<div class="inspector" hidden>
<div class="controls">
<label>User <input type="search" list="inspected-users" autocomplete="off" spellcheck="false"></label>
<datalist id="inspected-users"></datalist>
<label>Among <select>
<option value="all">all users</option>
<option value="found">those with a held-out item judged positive</option>
<option value="missed">those with a held-out candidate not judged positive</option>
</select></label>
<span><button type="button" value="-1">Previous</button> <button type="button" value="1">Next</button></span>
<span class="place"></span>
</div>
<p class="inspected" role="status"></p>
${scrolling('Candidates of the user', emptyTable('candidates', 'Candidates, the highest-scored first.', ['Candidate', 'Structural code', 'Semantic code', 'Verdict', 'Confidence', 'Held out']))}
<details class="answer" hidden><summary>What the judge answered, word for word</summary><pre></pre></details>
<details open><summary>History</summary>${scrolling('History of the user', emptyTable('history', 'What the user interacted with in train.', ['Item', 'Structural code', 'Semantic code', 'Interactions']))}</details>
</div>
<script type="application/json" id="inspector-data">${trusted(embed(inspector))}</script>`
}

function emptyTable(name: string, caption: string, titles: readonly string[]): Html {
  const columns = titles.map(title => ({ title, numeric: ['Confidence', 'Interactions'].includes(title) }))
  return html`<div class="${name}">${table({ caption, columns, rows: [], stack: titles.length > 4 ? 'medium' : 'narrow' })}</div>`
}

/** Rows instead of objects, since names would be most of the file; `inspector.js` reads them in this order. */
function embed({ items, sample, ranked }: ReportInspector): string {
  const data = {
    verdicts: VERDICTS,
    ...(ranked && { ranked: [ranked.method, ranked.k, ranked.part] }),
    items: items.map(({ id, structural, semantic, interactions, title }) => [
      ...[id, structural, semantic, interactions],
      ...(title ? [title] : []),
    ]),
    users: sample.map(({ id, history, historyLength, candidates, heldOut, answer }) => [
      id,
      history,
      historyLength,
      candidates.map(({ item, verdict, confidence, nearest: { structural, semantic } }) => [
        item,
        VERDICTS.indexOf(verdict),
        Number(confidence.toFixed(3)),
        [structural, semantic].map(({ steps, item }) => [steps, item]),
      ]),
      heldOut.map(({ item, part, rank }) => (rank === undefined ? [item, part] : [item, part, rank])),
      answer,
    ]),
  }
  // within <script>, no character of the data may end it
  return JSON.stringify(data).replaceAll('<', '\\u003c')
}
