/** HTML that cannot be injected into: whatever is put into a template is escaped, unless it came out of one. */

/** Markup that is safe to insert as it is. Made by `html` and `trusted` only. */
export class Html {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}

/** What a template takes; lists are joined, and nothing is shown for `undefined`, `null` and `false`. */
export type Content = Html | string | number | false | null | undefined | readonly Content[]

/**
 * A template whose values are escaped for text and for quoted attributes. Attributes must be quoted, and values must
 * not stand in `<style>`, in comments, or in place of names.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.reduce((markup, part, index) => markup + render(values[index - 1]) + part))
}

/** Markup made by code that is known to escape; never text from outside. */
export function trusted(markup: string): Html {
  return new Html(markup)
}

function render(content: Content): string {
  if (content === undefined || content === null || content === false) return ''
  if (content instanceof Html) return content.toString()
  if (Array.isArray(content)) return content.map(render).join('')
  return escapeText(String(content))
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Characters that HTML does not allow at all, but for tab and line ends: shown as the replacement character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]/g

/** Text as it may stand between tags and in quoted attributes. */
export function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(FORBIDDEN, '\ufffd')
    .replace(/[&<>"']/g, character => ENTITIES[character])
}
