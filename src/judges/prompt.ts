/**
 * The question to a language model, and the form of its answer. Pure: no clock, no state. An item is its two codes and
 * nothing else, never its id or name, but in the modes `text` and `both`.
 */
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { sha256 } from '../files.ts'
import { checkRequest, column, viewCodes } from '../requests.ts'
import { codeOf, formatCode, type ViewCodes } from '../trees/codes.ts'
import { BOTH_TEXT, COMPACT_TEXT, PAIR_TEXT, TEXT_TEXT, USER_TEXT } from './prompt-text.ts'

/** Counts up whenever a word of a prompt, or the form of an answer, changes. */
export const PROMPT_VERSION = 3

/**
 * `user`: all candidates of a user in one prompt; `pair`: one candidate per prompt; `compact`: `user` in few tokens; `text`: as
 * `user`, an item being its title; `both`: titles and codes.
 */
export const promptModes = ['user', 'pair', 'compact', 'text', 'both'] as const
export type PromptMode = (typeof promptModes)[number]

/** Whether a mode says what an item is. */
export const needsTexts = (mode: PromptMode): boolean => mode === 'text' || mode === 'both'

export interface Prompt {
  readonly system: string
  readonly user: string
}

/** The words by which an answer is read. */
export interface AnswerForm {
  readonly positive: string
  readonly negative: string
  /** key of a verdict's label */
  readonly label: string
  /** key of the candidate's number and of the list of verdicts; absent where there is one candidate */
  readonly many?: { readonly list: string; readonly index: string }
}

interface Mode {
  readonly text: string
  readonly form: AnswerForm
  /** what heads the history and the candidates */
  readonly headings: (known: number, asked: number) => readonly [string, string]
  readonly item: (structural: string, semantic: string, text: string) => string
}

const spelledOut = { positive: 'positive', negative: 'negative', label: 'label' }
const bothPaths = (structural: string, semantic: string) => `co ${structural} | emb ${semantic}`

const inOneList: Pick<Mode, 'form' | 'headings'> = {
  form: { ...spelledOut, many: { list: 'verdicts', index: 'candidate' } },
  headings: (known, asked) => [`History (${known} items):`, `Candidates (${asked}):`],
}

const MODES: Readonly<Record<PromptMode, Mode>> = {
  user: { ...inOneList, text: USER_TEXT, item: bothPaths },
  pair: {
    text: PAIR_TEXT,
    form: spelledOut,
    headings: known => [`History (${known} items):`, 'Candidate:'],
    item: bothPaths,
  },
  compact: {
    text: COMPACT_TEXT,
    form: { positive: 'p', negative: 'n', label: 'l', many: { list: 'v', index: 'i' } },
    headings: () => ['Liked:', 'Candidates:'],
    item: (structural, semantic) => `${structural} ${semantic}`,
  },
  text: { ...inOneList, text: TEXT_TEXT, item: (_structural, _semantic, text) => text },
  both: {
    ...inOneList,
    text: BOTH_TEXT,
    item: (structural, semantic, text) => `${text} | ${bothPaths(structural, semantic)}`,
  },
}

export interface PromptRequest {
  readonly mode: PromptMode
  /** internal ids of the user's items, in the order in which they shall stand */
  readonly history: ArrayLike<number>
  /** internal ids; the first is candidate 0. Exactly one in mode `pair` */
  readonly candidates: ArrayLike<number>
  readonly codes: ViewCodes
  /** what each item is, in one line; for modes that say so */
  readonly texts?: readonly string[] | undefined
}

export const modeShape = z.enum(promptModes)
const OF_MODE = { mode: modeShape }
const FIELDS = {
  ...OF_MODE,
  ...{ history: column, candidates: column, codes: viewCodes, texts: column.optional() },
} satisfies Record<keyof PromptRequest, z.ZodType>

/** @throws UsageError for a mode or an item that there is not, and several candidates in mode `pair` */
export function buildPrompt(request: PromptRequest): Prompt {
  checkRequest('buildPrompt', FIELDS, request)
  checkIds(request)
  const { mode, history, candidates, codes, texts } = request
  const { text, form, headings, item: write } = MODES[mode]
  const describe = (item: number) =>
    write(pathOf(codes.structural, item), pathOf(codes.semantic, item), texts?.[item] || '(no title)')
  const known = Array.from(history, describe)
  const asked = Array.from(candidates, (item, index) => (form.many ? `${index}. ` : '') + describe(item))
  const [before, between] = headings(known.length, asked.length)
  return { system: text, user: [before, ...known, '', between, ...asked].join('\n') }
}

function checkIds({ mode, history, candidates, codes: { structural, semantic } }: PromptRequest): void {
  const wrong = (expected: string) => new UsageError(`buildPrompt: ${expected}`)
  if (mode === 'pair' && candidates.length !== 1)
    throw wrong(`candidates: expected one in mode pair, got ${candidates.length}`)
  // codes of one empty path say nothing of how many items there are
  const known = [structural, semantic]
    .filter(({ depth }) => depth > 0)
    .map(({ values, depth }) => values.length / depth)
  const items = Math.min(...known)
  for (const [name, ids] of Object.entries({ history, candidates }))
    for (let at = 0; at < ids.length; at++)
      if (!(ids[at] >= 0 && ids[at] < items)) throw wrong(`${name}: expected items below ${items}, got ${ids[at]}`)
}

function pathOf(codes: ViewCodes['structural'], item: number): string {
  return formatCode(codeOf(codes, item)) || '-'
}

export function answerForm(mode: PromptMode): AnswerForm {
  return MODES[mode].form
}

/**
 * JSON Schema of the answer. The same for every prompt of a mode, so that a server builds its grammar once; how many
 * verdicts there shall be is in the prompt.
 */
export function answerSchema(mode: PromptMode): Record<string, unknown> {
  checkRequest('answerSchema', OF_MODE, { mode })
  const { positive, negative, label, many } = answerForm(mode)
  const labelSchema = { type: 'string', enum: [positive, negative] }
  if (!many) return objectSchema({ [label]: labelSchema })
  const verdict = objectSchema({ [many.index]: { type: 'integer' }, [label]: labelSchema })
  return objectSchema({ [many.list]: { type: 'array', items: verdict } })
}

/**
 * The same to the letter: one verdict for each candidate, in order. A grammar is built for each number of candidates.
 * @param count candidates
 */
export function exactSchema(mode: PromptMode, count: number): Record<string, unknown> {
  const { positive, negative, label, many } = answerForm(mode)
  if (!many) return answerSchema(mode)
  const verdict = (index: number) =>
    objectSchema({ [many.index]: { const: index }, [label]: { enum: [positive, negative] } })
  const prefixItems = Array.from({ length: count }, (_, index) => verdict(index))
  return objectSchema({ [many.list]: { type: 'array', prefixItems, minItems: count, maxItems: count } })
}

function objectSchema(properties: Record<string, unknown>): Record<string, unknown> {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
}

/** SHA-256 (hex) of every word of a mode's prompt and of its answer's schema, tried on one made-up user. */
export function promptHash(mode: PromptMode): string {
  const codes = { depth: 1, values: Int8Array.of(0, 1, -1) }
  const texts = ['a', 'b', 'c']
  const request = { mode, history: [0, 2], candidates: [1], codes: { structural: codes, semantic: codes }, texts }
  const { system, user } = buildPrompt(request)
  return sha256(JSON.stringify([PROMPT_VERSION, system, user, answerSchema(mode)]))
}
