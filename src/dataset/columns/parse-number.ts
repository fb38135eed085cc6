/** One number as a text writes it, and the words that stand where there is none. */

/**
 * A decimal number, with a point or a comma, also with a currency, per cent or thousands apart, or a truth value; NaN for an
 * empty text or a word for "missing", ∞ for anything else. (2.50) and 2.50- are below zero, as in accounts.
 */
export function parseNumber(text: string): number {
  const trimmed = text.trim()
  const plain = plainNumber(trimmed)
  if (plain !== undefined) return plain
  if (/^(true|yes)$/i.test(trimmed)) return 1
  if (/^(false|no)$/i.test(trimmed)) return 0
  if (!/\d/.test(trimmed) || trimmed.length > 40) return Number.POSITIVE_INFINITY
  const bare = trimmed
    .replace(/^\((.+)\)$|^([^-−].*)-$/, '-$1$2')
    .replace('−', '-')
    .replace(CURRENCY, '$1')
  if (/^-?\d{1,3}(,\d{3}){2,}(\.\d+)?$|^-?\d{1,3},\d{3}\.\d+$/.test(bare)) return Number(bare.replaceAll(',', ''))
  if (/^-?\d{1,3}([.'\s]\d{3})+,\d+$/.test(bare)) return Number(bare.replace(/[.'\s]/g, '').replace(',', '.'))
  if (/^-?\d{1,3}(\.\d{3}){2,}$|^-?\d{1,3}(['\s]\d{3})+(\.\d+)?$/.test(bare))
    return Number(bare.replace(/['\s]|\.(?=.*\.|\d{3}$)/g, ''))
  return /^-?\d+([.,]\d+)?$/.test(bare) ? Number(bare.replace(',', '.')) : Number.POSITIVE_INFINITY
}

const CURRENCY =
  /^(-?)\s*(?:(?:R|US)?\p{Sc}|(?:USD|EUR|GBP|CHF|JPY|CNY|INR|BRL|CAD|AUD|SEK|NOK|DKK|PLN|RUB|KRW|Rs\.?)(?=[\s\d]))\s*|\s*(?:[\p{Sc}%]|USD|EUR|GBP|CHF|JPY|CNY|INR|BRL|CAD|AUD|SEK|NOK|DKK|PLN|RUB|KRW|kr\.?|zł|руб\.?)$/gu

/** What needs no guess: digits with a point or a comma; NaN where nothing is said; undefined for other texts. */
export function plainNumber(text: string): number | undefined {
  if (/^[-+.\deE]+$/.test(text) && /\d$|\.$/.test(text)) {
    const value = Number(text)
    if (Number.isFinite(value)) return value
    return /^[-+]?[\d.]+e\+?\d+$/i.test(text) ? Number.POSITIVE_INFINITY : undefined
  }
  if (/^-?\d+,\d+$/.test(text)) return Number(text.replace(',', '.'))
  return isMissingWord(text) ? Number.NaN : undefined
}

/** What programs write where there is nothing. */
export const MISSING_WORDS =
  'null nil none nan -nan na n/a #n/a #na <na> <null> (null) [null] \\n nat undefined #null! #value!'.split(' ')

const MISSING = new Set(MISSING_WORDS)

export function isMissingWord(text: string): boolean {
  return text === '' || (text.length < 10 && MISSING.has(text.toLowerCase()))
}
