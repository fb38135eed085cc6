// The picture of a tree, by keys and by hand.
import { all, element, find } from './helpers.js'

const levelOf = box => Number(box.getAttribute('y'))

/** One stop of the Tab key; the arrow keys go to parent, first child and neighbours of the same level. */
export const enliven = svg => {
  const boxes = all('rect', svg)
  if (boxes.length === 0) return
  const words = find('.branch', svg.parentElement)
  const levels = [...new Set(boxes.map(levelOf))].sort((a, b) => a - b)
  words.hidden = false
  svg.setAttribute('role', 'tree')
  for (const box of boxes) {
    box.setAttribute('role', 'treeitem')
    box.setAttribute('tabindex', '-1')
    box.setAttribute('aria-level', levels.indexOf(levelOf(box)) + 1)
    // as a label it is read aloud all the same, and does not cover what is shown below
    box.setAttribute('aria-label', find('title', box).textContent)
    find('title', box).remove()
  }
  boxes[0].setAttribute('tabindex', '0')

  const show = box => {
    const [name, ...more] = box.getAttribute('aria-label').split('\n')
    words.replaceChildren(element('strong', {}, name), ...more.map(line => element('span', {}, line)))
  }
  const go = box => {
    if (!box) return
    find('[tabindex="0"]', svg).setAttribute('tabindex', '-1')
    box.setAttribute('tabindex', '0')
    box.focus()
  }
  const targets = {
    ArrowUp: (at, level) => boxes.slice(0, at).findLast(box => levelOf(box) < level),
    ArrowDown: (at, level) => boxes.slice(at + 1, at + 2).find(box => levelOf(box) > level),
    ArrowLeft: (at, level) => boxes.slice(0, at).findLast(box => levelOf(box) === level),
    ArrowRight: (at, level) => boxes.slice(at + 1).find(box => levelOf(box) === level),
    Home: (_, level) => boxes.find(box => levelOf(box) === level),
    End: (_, level) => boxes.findLast(box => levelOf(box) === level),
  }
  svg.addEventListener('keydown', event => {
    const target = targets[event.key]
    if (!target || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    go(target(boxes.indexOf(event.target), levelOf(event.target)))
  })
  // not on the picture itself: Chromium makes a stop of any SVG that listens for focus
  svg.parentElement.addEventListener('focusin', event => event.target.matches('rect') && show(event.target))
  svg.addEventListener('pointerover', event => event.target.matches('rect') && show(event.target))
  svg.addEventListener('click', event => event.target.matches('rect') && go(event.target))
}
