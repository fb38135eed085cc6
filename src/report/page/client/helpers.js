// What the parts of the script share. Text from the data enters the page as text nodes only.

export const find = (selector, root = document) => root.querySelector(selector)
export const all = (selector, root = document) => [...root.querySelectorAll(selector)]

/** element('td', { class: 'numeric' }, 'text', node, …) */
export const element = (name, attributes = {}, ...content) => {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...content.flat().filter(part => part !== undefined && part !== false))
  return made
}

const status = find('#status')
/** Read aloud, the same words twice too. */
export const say = words => {
  status.textContent = ''
  setTimeout(() => {
    status.textContent = words
  }, 50)
}
