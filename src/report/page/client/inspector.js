// One user at a time: history, candidates, and what was held out.
import { all, element, find } from './helpers.js'

export const inspect = (root, { verdicts, items, users, ranked }) => {
  const input = find('input', root)
  const select = find('select', root)
  const [candidateRows, historyRows] = ['candidates', 'history'].map(name => find(`.${name} tbody`, root))
  /** "in test", "in test, rank 3"; undefined for what was not held out */
  const partOf = ([, , , , heldOut], item) => {
    const held = heldOut.find(([own]) => own === item)
    return held && `in ${held[1]}${held[2] ? `, rank ${held[2]}` : ''}`
  }
  const has = (user, positive) => user[3].some(([item, verdict]) => partOf(user, item) && (verdict === 0) === positive)
  const filters = { all: () => true, found: user => has(user, true), missed: user => has(user, false) }
  let chosen = []
  let current = users[0]

  /** A code, with the steps that it shares with that of an item of the history marked. */
  const code = (text, [steps, other] = [0]) => {
    const parts = text.split('-')
    const [shared, rest] = [parts.slice(0, steps).join('-'), parts.slice(steps).join('-')]
    const marked = [shared && element('mark', {}, shared), shared && rest && '-', rest]
    const near = shared !== '' && element('small', {}, ` as ${items[other][4] ?? items[other][0]}`)
    return element('td', {}, text ? element('code', {}, marked.filter(Boolean)) : '–', near)
  }
  const figure = text => element('td', { class: 'numeric' }, text)
  /** The title, and behind it the id; the id where there is none. */
  const nameOf = item => (items[item][4] ? `${items[item][4]} (${items[item][0]})` : String(items[item][0]))
  /** Where rows are stacked, a cell stands behind the title of its column. */
  const label = (row, body) => {
    const titles = body.parentElement.tHead.rows[0].cells
    for (const cell of row.cells) if (cell.tagName === 'TD') cell.dataset.label = titles[cell.cellIndex].textContent
    return row
  }
  const heading = item => element('th', { scope: 'row' }, element('bdi', {}, nameOf(item)))

  const candidateRow = ([item, verdict, confidence, nearest]) => {
    const part = partOf(current, item)
    const word = element('span', { class: `verdict ${verdicts[verdict]}` }, verdicts[verdict])
    const row = element('tr', part ? { class: 'hit' } : {}, heading(item))
    row.append(...nearest.map((near, view) => code(items[item][1 + view], near)))
    row.append(element('td', {}, word), figure(confidence.toFixed(2)), element('td', {}, part ?? ''))
    label(row, candidateRows)
    const light = on => {
      for (const history of historyRows.rows)
        history.classList.toggle('near', on && nearest.some(([, other]) => String(other) === history.dataset.item))
    }
    row.addEventListener('pointerenter', () => light(true))
    row.addEventListener('pointerleave', () => light(false))
    return row
  }
  const historyRow = item => {
    const [, structural, semantic, interactions] = items[item]
    const cells = [heading(item), code(structural), code(semantic), figure(interactions.toLocaleString('en'))]
    return label(element('tr', { 'data-item': item }, cells), historyRows)
  }

  /** Of the part that the lists are for: what is held out elsewhere may be masked in them. */
  const describeRanks = (heldOut, method, k, part) => {
    const own = heldOut.filter(([, ofPart]) => ofPart === part)
    if (own.length === 0) return ` None is in ${part}, which the list of ${method} is for.`
    return ` ${method} has ${own.filter(([, , rank]) => rank).length} of the ${own.length} in ${part} among its first ${k}.`
  }

  const describe = ([id, history, historyLength, candidates, heldOut]) => {
    const positives = candidates.filter(([, verdict]) => verdict === 0).length
    const hits = candidates.filter(([item]) => partOf(current, item))
    const found = hits.filter(([, verdict]) => verdict === 0).length
    const more = historyLength > history.length ? ` (the first ${history.length} below)` : ''
    const others = heldOut.filter(([item]) => !candidates.some(([own]) => own === item))
    const missing = others.map(([item]) => `${nameOf(item)} (${partOf(current, item)})`).join(', ')
    const listed = ranked && heldOut.length > 0 && describeRanks(heldOut, ...ranked)
    return [
      element('strong', {}, `User ${id}`),
      `: ${historyLength} in the history${more}, ${candidates.length} candidates, ${positives} judged positive. `,
      heldOut.length === 0
        ? 'Nothing of this user was held out.'
        : `Of ${heldOut.length} held-out items, ${hits.length} are among the candidates and ${found} judged positive`,
      heldOut.length > 0 && (missing ? `; not among the candidates: ${missing}.` : '.'),
      listed,
    ]
  }

  const show = user => {
    current = user
    const [id, history, , candidates, , answer] = user
    input.value = id
    candidateRows.replaceChildren(...candidates.map(candidateRow))
    historyRows.replaceChildren(...history.map(historyRow))
    find('.inspected', root).replaceChildren(...describe(user).filter(Boolean))
    find('.answer', root).hidden = answer === undefined || answer === null
    find('.answer pre', root).textContent = answer ?? ''
    find('.place', root).textContent = `${chosen.indexOf(user) + 1} of ${chosen.length}`
  }
  const choose = () => {
    chosen = users.filter(filters[select.value])
    find('datalist', root).replaceChildren(...chosen.map(([id]) => element('option', { value: id })))
    for (const button of all('.controls button', root)) button.disabled = chosen.length < 2
    if (chosen.length > 0) return show(chosen.includes(current) ? current : chosen[0])
    for (const rows of [candidateRows, historyRows]) rows.replaceChildren()
    find('.inspected', root).textContent = 'There is no such user in this file.'
    find('.place', root).textContent = ''
  }
  const seek = () => {
    const wanted = input.value.trim()
    const user = chosen.find(([id]) => String(id) === wanted) ?? chosen.find(([id]) => String(id).includes(wanted))
    if (user) show(user)
    else find('.inspected', root).textContent = `No user “${wanted}” among the ${chosen.length} to choose from.`
  }
  select.addEventListener('change', choose)
  input.addEventListener('change', seek)
  for (const button of all('.controls button', root))
    button.addEventListener('click', () => {
      const next = chosen.indexOf(current) + Number(button.value)
      show(chosen[(next + chosen.length) % chosen.length])
    })
  root.hidden = false
  choose()
}
