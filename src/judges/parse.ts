/**
 * From what a language model wrote to verdicts. Pure, and apart from the asking: the raw answers are kept, so that a
 * better parser costs no tokens. What cannot be read is `INVALID`, never negative.
 */
import { z } from 'zod'
import { type ModelAnswer, parseJson } from '../llm/completion.ts'
import { integer } from '../options.ts'
import { checkRequest } from '../requests.ts'
import { INVALID, NEGATIVE, POSITIVE } from './judge.ts'
import { labelConfidence } from './label-confidence.ts'
import { findLoosely } from './loose.ts'
import { type AnswerForm, answerForm, modeShape, type PromptMode } from './prompt.ts'

/** Counts up whenever the same answer may read otherwise. */
export const PARSER_VERSION = 3

/** Why an answer is not whole. `reasoning`: it ends, but what it says stands among the model's thoughts. */
export type AnswerFault = 'truncated' | 'refused' | 'empty' | 'reasoning' | 'unreadable' | 'labels' | 'indices'

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
  /** where the label's text begins in the content, in UTF-16 units; −1 where that is not known */
  readonly at: number
}

const FIELDS = { mode: modeShape, count: integer(0), answer: z.object({ content: z.string().nullable() }) }

/** @param count K, the candidates that were asked about */
export function parseAnswer(mode: PromptMode, count: number, answer: ModelAnswer): Reading {
  checkRequest('parseAnswer', FIELDS, { mode, count, answer })
  const form = answerForm(mode)
  const labels = new Int8Array(count).fill(INVALID)
  const confidence = new Float32Array(count)
  const thinking = isUnfinished(answer)
  const found = thinking ? [] : findVerdicts(answer.content ?? '', form, count)
  const byIndex = new Map<number, Found[]>()
  const indices = form.many ? indicesOf(found, count) : found.map(() => 0)
  found.forEach((verdict, place) => {
    const index = indices[place]
    if (index >= 0 && index < count) byIndex.set(index, [...(byIndex.get(index) ?? []), verdict])
  })
  let unknown = 0
  for (const [index, verdicts] of byIndex) {
    if (verdicts.length !== 1) continue
    const [{ label: word, at }] = verdicts
    const label = readLabel(word, form)
    if (label === undefined) {
      unknown++
      continue
    }
    const { content, tokens } = answer
    labels[index] = label
    const said = tokens && at >= 0 ? labelConfidence(content!, tokens, at, form) : undefined
    confidence[index] = said ?? Number(label === POSITIVE)
  }
  const fault = faultOf(answer, thinking, found.length, unknown, labels)
  const missing = fault === 'truncated' ? Array.from(labels.keys()).filter(index => !byIndex.has(index)) : []
  return { labels, confidence, missing, ...(fault && { fault }) }
}

function readLabel(label: unknown, { positive, negative }: AnswerForm): number | undefined {
  if (typeof label !== 'string') return undefined
  const word = label.toLowerCase().replace(/^[^a-z]+|[^a-z]+$/g, '')
  return word === positive ? POSITIVE : word === negative ? NEGATIVE : undefined
}

function faultOf(
  answer: ModelAnswer,
  thinking: boolean,
  found: number,
  unknown: number,
  labels: Int8Array,
): AnswerFault | undefined {
  if (!labels.includes(INVALID)) return undefined
  if (answer.refusal) return 'refused'
  if (answer.truncated) return 'truncated'
  if (!answer.content?.trim()) return answer.reasoned ? 'reasoning' : 'empty'
  if (thinking) return 'reasoning'
  if (found === 0) return 'unreadable'
  return unknown > 0 ? 'labels' : 'indices'
}

/** How models mark what they think before they answer, where the server leaves it in. */
const THOUGHTS =
  /<\/?(?:seed:)?(?:think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis)\b[^<>]*>|<(?:start|end)_of_thought>|\[\/?THINK\]|◁\/?think▷/gi
/** The same by channels, of which the last one is the answer. */
const CHANNEL = /<\|channel\|>(\w+)[^<]*(?:<\|constrain\|>\w+)?<\|message\|>/g

/** Where the answer begins behind the thoughts; −1 when it does not come to one. */
function answerFrom(content: string): number {
  const channels = [...content.matchAll(CHANNEL)]
  const last = channels.at(-1)
  if (last) return last[1] === 'final' ? last.index + last[0].length : -1
  const mark = [...content.matchAll(THOUGHTS)].at(-1)
  if (!mark) return 0
  return /\/|<end/i.test(mark[0]) ? mark.index + mark[0].length : -1
}

/**
 * Whether a text stops before its answer: within marked thoughts or, where it was cut off, in prose around JSON, since not
 * every server marks thoughts.
 */
function isUnfinished({ content, truncated }: ModelAnswer): boolean {
  const from = answerFrom(content ?? '')
  if (from < 0) return true
  const text = (content ?? '').slice(from).trim()
  return truncated && text !== '' && !/^(```\w*\s*)?[[{]/.test(text) && !/\}[\s\]}]*(```)?$/.test(text)
}

/**
 * The candidate that each verdict is about. A list without number 0 was counted from 1 when it comes to K, which there is not
 * from 0; else nobody knows, and no verdict counts.
 */
function indicesOf(found: readonly Found[], count: number): number[] {
  const indices = found.map(({ index }) => {
    if (Number.isInteger(index)) return Number(index)
    // "Candidate 0", "#0", "0."
    const [, digits] = (typeof index === 'string' && /^\D{0,12}(\d+)\D{0,2}$/.exec(index)) || []
    return digits === undefined ? -1 : Number(digits)
  })
  if (indices.includes(0)) return indices
  const first = indices.includes(count) ? 1 : Number.POSITIVE_INFINITY
  return indices.map(index => (index < 0 ? index : index - first))
}

/**
 * Every innermost `{…}` behind the thoughts that has a label: also where the text around is cut off, fenced or chatty. Where these
 * are not `count`, an answer in another form counts that says one thing of each candidate.
 */
function findVerdicts(content: string, form: AnswerForm, count: number): Found[] {
  const from = answerFrom(content)
  const found: Found[] = []
  for (const match of content.slice(from).matchAll(/\{[^{}]*\}/g)) {
    const object = parseJson(match[0]) as Record<string, unknown> | undefined
    if (!object || !(form.label in object) || (form.many && !(form.many.index in object))) continue
    const before = new RegExp(`"${form.label}"\\s*:\\s*"`).exec(match[0])
    const at = from + match.index + (before ? before.index + before[0].length : 0)
    found.push({ index: form.many && object[form.many.index], label: object[form.label], at })
  }
  if (found.length === count) return found
  const loose = findLoosely(content.slice(from), form, label => readLabel(label, form) !== undefined)
  return loose.length === count ? loose.map(verdict => ({ ...verdict, at: -1 })) : found
}
