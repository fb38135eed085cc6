/**
 * From what a language model wrote to verdicts. Pure, and apart from the asking: the raw answers are kept, so that a
 * better parser costs no tokens. What cannot be read is `INVALID`, never negative.
 */
import { INVALID, NEGATIVE, POSITIVE } from './judge.ts'
import { labelConfidence, type TokenChoice } from './label-confidence.ts'
import { type AnswerForm, answerForm, type PromptMode } from './prompt.ts'

/** Counts up whenever the same answer may read otherwise. */
export const PARSER_VERSION = 1

/** What a model answered, whoever ran it. */
export interface ModelAnswer {
  /** its text; null or empty when there is none */
  readonly content: string | null
  /** the text of a refusal */
  readonly refusal?: string | undefined
  /** whether the text ends because there was no room for more */
  readonly truncated: boolean
  /** the tokens of `content`, in order, with the likeliest choices at each */
  readonly tokens?: readonly TokenChoice[] | undefined
}

/** Why an answer is not whole. */
export type AnswerFault = 'truncated' | 'refused' | 'empty' | 'unreadable' | 'labels' | 'indices'

export interface Reading {
  /** [K]: POSITIVE, NEGATIVE or INVALID */
  readonly labels: Int8Array
  /**
   * [K], 0 to 1: p(positive) / (p(positive) + p(negative)) at the label's token, where the answer has tokens; else 1 for
   * a positive. 0 where there is no verdict.
   */
  readonly confidence: Float32Array
  /** the worst that is wrong with the answer; absent when every candidate has a verdict */
  readonly fault?: AnswerFault
  /** the candidates that a truncated answer did not come to: to be asked again */
  readonly missing: readonly number[]
}

/** One object of the answer that says something about a candidate. */
interface Found {
  readonly index: unknown
  readonly label: unknown
  /** where the label's text begins in the content, in UTF-16 units */
  readonly at: number
}

/** @param count K, the candidates that were asked about */
export function parseAnswer(mode: PromptMode, count: number, answer: ModelAnswer): Reading {
  const form = answerForm(mode)
  const labels = new Int8Array(count).fill(INVALID)
  const confidence = new Float32Array(count)
  const found = findVerdicts(answer.content ?? '', form)
  const byIndex = new Map<number, Found[]>()
  for (const verdict of found) {
    const index = form.many ? verdict.index : 0
    if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= count) continue
    byIndex.set(index as number, [...(byIndex.get(index as number) ?? []), verdict])
  }
  let unknown = 0
  for (const [index, verdicts] of byIndex) {
    const label = verdicts.length === 1 ? readLabel(verdicts[0].label, form) : undefined
    if (label !== undefined) {
      labels[index] = label
      confidence[index] = confidenceOf(answer, verdicts[0], form) ?? Number(label === POSITIVE)
    } else if (verdicts.length === 1) unknown++
  }
  const fault = faultOf(answer, found.length, unknown, labels)
  const missing = fault === 'truncated' ? Array.from(labels.keys()).filter(index => !byIndex.has(index)) : []
  return { labels, confidence, missing, ...(fault && { fault }) }
}

function readLabel(label: unknown, { positive, negative }: AnswerForm): number | undefined {
  if (typeof label !== 'string') return undefined
  const word = label.trim().toLowerCase()
  return word === positive ? POSITIVE : word === negative ? NEGATIVE : undefined
}

function faultOf(answer: ModelAnswer, found: number, unknown: number, labels: Int8Array): AnswerFault | undefined {
  if (!labels.includes(INVALID)) return undefined
  if (answer.refusal) return 'refused'
  if (answer.truncated) return 'truncated'
  if (!answer.content?.trim()) return 'empty'
  if (found === 0) return 'unreadable'
  return unknown > 0 ? 'labels' : 'indices'
}

/**
 * Every innermost `{…}` that has a label: whole objects are found also where the text around them is cut off, fenced or
 * chatty. What a model thinks aloud before it answers is not looked at.
 */
function findVerdicts(content: string, form: AnswerForm): Found[] {
  const from = content.lastIndexOf('</think>') + 1
  const found: Found[] = []
  for (const match of content.slice(from).matchAll(/\{[^{}]*\}/g)) {
    const object = parseObject(match[0])
    if (!object || !(form.label in object) || (form.many && !(form.many.index in object))) continue
    const before = new RegExp(`"${form.label}"\\s*:\\s*"`).exec(match[0])
    const at = from + match.index + (before ? before.index + before[0].length : 0)
    found.push({ index: form.many && object[form.many.index], label: object[form.label], at })
  }
  return found
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function confidenceOf({ content, tokens }: ModelAnswer, { at }: Found, form: AnswerForm): number | undefined {
  return tokens && labelConfidence(content!, tokens, at, form)
}
