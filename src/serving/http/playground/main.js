/** The playground: search, basket, recommendations, one item. */
import { ApiProblem, getItem, getModel, recommend, searchItems, similar, useKey } from './api.js'
import { byId, el, idNote, latest, nameOf } from './dom.js'
import { placeInTree } from './trees.js'

/** @type {Map<string, object>} what the server says of each item of the basket, by id */
const basket = new Map()
let chosen

const say = text => {
  byId('status').textContent = text
}

/** Shows what a call brings, or what is wrong. */
const show = work =>
  latest(async (isLast, ...given) => {
    try {
      await work(isLast, ...given)
      if (isLast()) say('')
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error
      if (error.status === 401) askForKey()
      else if (isLast()) say(error.message)
    }
  })

function askForKey() {
  byId('panels').hidden = true
  byId('key').hidden = false
  byId('key-input').focus()
  say('')
}

const itemButton = (item, ...more) =>
  el(
    'button',
    { type: 'button', class: 'name', onclick: () => showItem(item.item) },
    nameOf(item),
    ' ',
    idNote(item),
    ...more,
  )

const addButton = item =>
  el(
    'button',
    { type: 'button', class: 'add', 'aria-label': `Add ${nameOf(item)} to the basket`, onclick: () => add(item.item) },
    '+',
  )

const search = show(async isLast => {
  const { items } = await searchItems(byId('search').value)
  if (!isLast()) return
  const rows = items.map(item =>
    el('li', {}, itemButton(item), el('span', { class: 'soft' }, usersOf(item.users)), addButton(item)),
  )
  byId('found').replaceChildren(...(rows.length > 0 ? rows : [el('li', { class: 'soft' }, 'No item has these words.')]))
})

const usersOf = count => `${count.toLocaleString('en')} ${count === 1 ? 'user' : 'users'}`

const add = show(async (_isLast, id) => {
  const item = await getItem(id)
  basket.set(String(item.item), item)
  drawBasket()
})

function remove(id) {
  basket.delete(String(id))
  drawBasket()
}

function drawBasket() {
  byId('basket').replaceChildren(
    ...Array.from(basket.values(), item =>
      el(
        'li',
        {},
        el('span', {}, nameOf(item), ' ', idNote(item)),
        el('button', { type: 'button', 'aria-label': `Remove ${nameOf(item)}`, onclick: () => remove(item.item) }, '×'),
      ),
    ),
  )
  byId('basket-empty').hidden = basket.size > 0
  drawRecommendations()
  if (chosen) drawItem()
}

/** What the recommendations come from. */
function source(by, user) {
  const hasBasket = basket.size > 0
  if (by === 'user')
    return hasBasket
      ? 'For this user, from the items of the basket instead of what is known.'
      : 'For this user, from what the model and the event log know.'
  if (by === 'history') return hasBasket ? 'From the items of the basket.' : 'For this user, from the event log.'
  return user === ''
    ? 'No user or history is given: these are the popular items.'
    : 'Nothing is known of this user: these are the popular items.'
}

const drawRecommendations = show(async isLast => {
  const user = byId('user').value.trim()
  const filter = byId('filter').value.trim()
  const { items, by } = await recommend({
    ...(user !== '' && { user }),
    ...(basket.size > 0 && { history: Array.from(basket.values(), ({ item }) => item) }),
    ...(filter !== '' && { filter }),
    diversity: Number(byId('diversity').value),
  })
  if (!isLast()) return
  byId('by').textContent = source(by, user)
  const best = Math.max(...items.map(({ score }) => score), 0)
  const rows = items.map(item =>
    el(
      'li',
      {},
      el('div', { class: 'what' }, itemButton(item), because(item), bar(best > 0 ? item.score / best : 0)),
      addButton(item),
    ),
  )
  byId('recommended').replaceChildren(...(rows.length > 0 ? rows : [el('li', { class: 'soft' }, 'No item is left.')]))
})

/** Share of the score of the best item. */
const bar = share => {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', 'bar')
  svg.setAttribute('aria-hidden', 'true')
  const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  rect.setAttribute('height', '100%')
  rect.setAttribute('width', `${Math.max(0, Math.min(100, 100 * share)).toFixed(1)}%`)
  svg.append(rect)
  return svg
}

/** The items of the history that a recommendation comes from, with their parts where these are exact. */
function because({ because: reasons = [], terms = [], score }) {
  if (reasons.length === 0 && terms.length === 0) return undefined
  const named = reasons.slice(0, 2)
  // variants of a product often have one title
  const isTwice = named.length > 1 && nameOf(named[0]) === nameOf(named[1])
  const parts = named.map(({ contribution, similarity, ...item }) => {
    const share =
      contribution !== undefined && score > 0 && terms.length === 0
        ? ` (${Math.round((100 * contribution) / score)} %)`
        : ''
    const near = similarity !== undefined ? ` (similarity ${similarity.toFixed(2)})` : ''
    return `${nameOf(item)}${isTwice ? ` ${item.item}` : ''}${share}${near}`
  })
  const moved = terms.slice(0, 2).map(({ meaning, contribution }) => `${contribution < 0 ? 'down' : 'up'}: ${meaning}`)
  const sources = parts.length > 0 ? `because of ${parts.join(' and ')}` : ''
  return el('span', { class: 'because' }, [sources, ...moved].filter(text => text !== '').join(' · '))
}

const showItem = show(async (isLast, id) => {
  const [item, { items }] = await Promise.all([getItem(id), similar(id)])
  if (!isLast()) return
  chosen = { item, similar: items }
  drawItem()
  // on a narrow screen the item is far below what was clicked
  if (!matchMedia('(min-width: 75rem)').matches) byId('item').scrollIntoView({ block: 'start' })
})

function drawItem() {
  const { item, similar: items } = chosen
  const attributes = Object.entries(item.attributes ?? {})
  const facts = [
    ['Id', String(item.item)],
    ['Popularity', usersOf(item.users)],
    ...attributes.map(([name, value]) => [name, value === null ? '–' : String(value)]),
  ]
  byId('item-title').textContent = nameOf(item)
  byId('item-body').replaceChildren(
    el(
      'dl',
      {},
      facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
    ),
    ...(item.recommendable
      ? []
      : [
          el(
            'p',
            { class: 'note' },
            'It cannot be recommended: it has no interactions, and no attributes to place it by.',
          ),
        ]),
    el('p', {}, el('button', { type: 'button', onclick: () => add(item.item) }, 'Add to the basket')),
    el('h3', {}, 'Similar items'),
    el(
      'ul',
      { class: 'list' },
      items.map(other => el('li', {}, itemButton(other), addButton(other))),
    ),
    el('h3', {}, 'Place in the trees'),
    ...(item.codes
      ? [
          placeInTree('Structural', 'structural', item, [...basket.values()]),
          placeInTree('Semantic', 'semantic', item, [...basket.values()]),
          el(
            'p',
            { class: 'soft' },
            'Each row is a level, the marked box the branch taken; dots are items of the basket.',
          ),
        ]
      : [el('p', { class: 'soft' }, 'This model has no trees.')]),
  )
}

const begin = show(async () => {
  const model = await getModel()
  byId('key').hidden = true
  byId('panels').hidden = false
  byId('model').textContent =
    `${model.id}, fitted on ${model.fittedOn === 'all' ? 'all data' : 'train alone'}: ${usersOf(model.users)}, ${model.items.toLocaleString('en')} items`
  byId('filter-field').hidden = model.attributes.length === 0
  byId('filter').placeholder = `such as ${model.attributes[0]} > 0`
  await Promise.all([search(), drawRecommendations()])
})

function soon(work) {
  let timer
  return () => {
    clearTimeout(timer)
    timer = setTimeout(work, 150)
  }
}

byId('search').addEventListener('input', soon(search))
for (const id of ['user', 'filter']) byId(id).addEventListener('input', soon(drawRecommendations))
byId('diversity').addEventListener('input', () => {
  byId('diversity-value').textContent = byId('diversity').value
})
byId('diversity').addEventListener('input', soon(drawRecommendations))
byId('key').addEventListener('submit', event => {
  event.preventDefault()
  useKey(byId('key-input').value.trim())
  begin()
})
begin()
