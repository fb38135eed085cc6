/** How many columns of a terminal a text takes. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** The package takes 34 ms to load, a fifth of the start of a command, and is loaded for a text that is more than printable ASCII. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  const { default: stringWidth }: typeof import('string-width') = require('string-width')
  return stringWidth(text)
}
