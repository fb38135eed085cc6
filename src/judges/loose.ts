/** Verdicts of answers that are not written as asked, though they say the same: other keys, quotes, lists, a table. */
import { parseJson } from '../llm/completion.ts'
import type { AnswerForm } from './prompt.ts'

export interface LooseVerdict {
  readonly index: unknown
  readonly label: unknown
}

/**
 * Everything that a text says of candidates, in order; the caller takes it only when it is one verdict for each.
 * @param isLabel whether a text is one of the two labels
 */
export function findLoosely(text: string, form: AnswerForm, isLabel: (text: unknown) => boolean): LooseVerdict[] {
  const value = looseValue(text)
  const found: LooseVerdict[] = []
  const collect = (inner: unknown, name: unknown): void => {
    if (isLabel(inner)) found.push({ index: name, label: inner })
    if (typeof inner !== 'object' || inner === null) return
    if (Array.isArray(inner)) {
      for (const [place, entry] of inner.entries()) collect(entry, place)
      return
    }
    const entries = Object.entries(inner).map(([key, value]) => [bare(key), value] as const)
    const atKey = (key: string) => entries.find(([own]) => own === key)?.[1]
    const label = atKey(form.label)
    if (label === undefined) for (const [key, value] of entries) collect(value, key)
    else found.push({ index: (form.many && atKey(form.many.index)) ?? name, label })
  }
  if (value !== undefined) collect(value, undefined)
  else
    for (const [, index, label] of text.matchAll(/^\W*(?:candidate\W*)?(\d+)\W+(\w+)\W*$/gim))
      if (isLabel(label)) found.push({ index, label })
  return found
}

/** " Candidate\n" and "'candidate'" are candidate. */
function bare(key: string): string {
  return key.toLowerCase().replace(/^[\s"'`]+|[\s"'`:]+$/g, '')
}

/** JSON as it should have been: also within a JSON text, or with other quotes, comments, commas at the end, keys without quotes. */
function looseValue(text: string): unknown {
  const whole = parseJson(text.trim())
  const [json] = /[[{].*[\]}]/s.exec(typeof whole === 'string' ? whole : text.replaceAll('&quot;', '"')) ?? []
  if (json === undefined) return
  const quoted = json.replace(/[“”„]/g, '"')
  return (
    parseJson(json) ??
    parseJson(
      (quoted.includes('"') ? quoted : quoted.replaceAll("'", '"'))
        .replace(/\/\*.*?\*\/|(?<=[\s,\]}])\/\/[^\n]*/gs, '')
        .replace(/([{,]\s*)([a-z_]\w*)\s*:/gi, '$1"$2":')
        .replace(/,(\s*[\]}])/g, '$1'),
    )
  )
}
