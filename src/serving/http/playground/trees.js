/** An item's place in a tree: the branch that its code takes at each level, and where the items of the basket part from it. */
import { el, nameOf } from './dom.js'

const steps = code => (code === undefined || code === '' ? [] : code.split('-').map(Number))

function shared(a, b) {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length++
  return length
}

/** @param basket items with their codes */
export function placeInTree(title, view, item, basket) {
  const path = steps(item.codes?.[view])
  const others = basket
    .filter(other => String(other.item) !== String(item.item) && steps(other.codes?.[view]).length > 0)
    .map(other => ({ ...other, path: steps(other.codes[view]) }))
    .map(other => ({ ...other, shared: shared(path, other.path) }))
    .sort((a, b) => b.shared - a.shared)
  const levels = path.map((branch, level) => {
    const branches = Math.max(4, branch + 1, ...others.map(({ path }) => (path[level] ?? 0) + 1))
    const boxes = Array.from({ length: branches }, (_, index) => {
      const here = others.filter(other => other.shared >= level && other.path[level] === index)
      return el(
        'span',
        { class: index === branch ? 'box taken' : 'box', title: here.map(nameOf).join(', ') || undefined },
        String(index),
        here.length > 0 && el('i', {}, '•'.repeat(Math.min(3, here.length))),
      )
    })
    return el('div', { class: 'level' }, boxes)
  })
  const words =
    path.length === 0
      ? 'It has no place in this tree.'
      : others.length === 0
        ? `${path.length} steps from the root.`
        : `Nearest in the basket: ${nameOf(others[0])}, with ${others[0].shared} of ${path.length} steps in common.`
  return el(
    'figure',
    { class: 'tree' },
    el('figcaption', {}, el('strong', {}, title), ' ', path.length > 0 && el('code', {}, item.codes[view])),
    el('div', { class: 'levels', 'aria-hidden': 'true' }, levels),
    el('p', { class: 'soft' }, words),
  )
}
