/** Codes as programs ask for them; inner loops call what stands in `codes.ts`. */
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import type { Codes } from '../kernels/interface/kernels.ts'
import { integer } from '../options.ts'
import { checkRequest, codes as codesShape, column } from '../requests.ts'
import * as inner from './codes.ts'

const ITEM = { codes: codesShape, item: integer(0) }
const ITEMS = { codes: codesShape, i: integer(0), j: integer(0) }
const CODE = { code: column }
const TEXT = { text: z.string() }

/** The code of an item without its padding. @throws UsageError for an item that there is not */
export function codeOf(codes: Codes, item: number): Int8Array {
  checkRequest('codeOf', ITEM, { codes, item })
  checkItem('codeOf', codes, { item })
  return inner.codeOf(codes, item)
}

/** sim(i, j) = LCP / min(|c_i|, |c_j|), in [0, 1]; 0 when a code is empty. @throws UsageError for an item that there is not */
export function codeSimilarity(codes: Codes, i: number, j: number): number {
  checkRequest('codeSimilarity', ITEMS, { codes, i, j })
  checkItem('codeSimilarity', codes, { i, j })
  return inner.codeSimilarity(codes, i, j)
}

/** `2-0-3-1`; the empty string for the empty code. */
export function formatCode(code: ArrayLike<number>): string {
  checkRequest('formatCode', CODE, { code })
  return inner.formatCode(code)
}

/** @returns undefined when `text` is no code */
export function parseCode(text: string): number[] | undefined {
  checkRequest('parseCode', TEXT, { text })
  return inner.parseCode(text)
}

function checkItem(owner: string, { values, depth }: Codes, items: Readonly<Record<string, number>>): void {
  const count = depth === 0 ? Number.POSITIVE_INFINITY : values.length / depth
  for (const [name, item] of Object.entries(items))
    if (item >= count) throw new UsageError(`${owner}: ${name}: expected an item below ${count}, got ${item}`)
}
