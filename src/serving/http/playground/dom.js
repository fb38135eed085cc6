/** Elements. Whatever comes from the server becomes text, never markup. */

/** @param properties `on…` listeners, `class`, and attributes; absent ones are left out */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children.flat().filter(child => child !== undefined && child !== false))
  return element
}

export const byId = id => document.getElementById(id)

/** Title and id of an item; only the id where there is no title. */
export const nameOf = ({ item, title }) => title ?? String(item)

export const idNote = ({ item, title }) => (title === undefined ? undefined : el('small', {}, String(item)))

/** Runs only the last of calls that come one after the other; what an earlier one brings is dropped. */
export function latest(work) {
  let last = 0
  return async (...given) => {
    const own = ++last
    return work(() => own === last, ...given)
  }
}
