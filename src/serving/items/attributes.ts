/** Attributes of items, a column each: what a filter may ask about. */
import type { Tensor } from '../../models/safetensors.ts'
import { type Tensors, textColumn, textTensors } from './texts.ts'

export type AttributeType = 'number' | 'text' | 'boolean'
export type AttributeValue = string | number | boolean | null

/** A column as it is read from a file: a value for each item, null where there is none. */
export interface AttributeColumn {
  readonly name: string
  readonly type: AttributeType
  readonly values: readonly AttributeValue[]
}

/** An attribute as it is asked about. */
export interface Attribute {
  readonly name: string
  readonly type: AttributeType
  at(item: number): AttributeValue
  missing(item: number): boolean
  /** Whether a value that is there fulfils a test; the tests of a text are made once for each different one. */
  where(test: (value: string | number | boolean) => boolean): (item: number) => boolean
}

/** Texts as positions in a dictionary, −1 for none; numbers and 0 or 1 as they are, NaN for none. */
export function attributeTensors(columns: readonly AttributeColumn[]): Record<string, Tensor> {
  return Object.assign(
    {},
    ...columns.map(({ type, values }, index) => columnTensors(`attribute.${index}`, type, values)),
  )
}

function columnTensors(name: string, type: AttributeType, values: readonly AttributeValue[]): Record<string, Tensor> {
  if (type !== 'text') {
    const numbers = Float64Array.from(values, value => (value === null ? Number.NaN : Number(value)))
    return { [`${name}.values`]: { shape: [numbers.length], values: numbers } }
  }
  const positions = new Map<string, number>()
  const codes = Int32Array.from(values, value => {
    if (value === null) return -1
    const text = String(value)
    if (!positions.has(text)) positions.set(text, positions.size)
    return positions.get(text)!
  })
  return { [`${name}.codes`]: { shape: [codes.length], values: codes }, ...textTensors(name, [...positions.keys()]) }
}

export function openAttributes(
  tensors: Tensors,
  columns: readonly Pick<AttributeColumn, 'name' | 'type'>[],
): Attribute[] {
  return columns.map(({ name, type }, index) => {
    const prefix = `attribute.${index}`
    return type === 'text' ? textAttribute(name, tensors, prefix) : numberAttribute(name, type, tensors, prefix)
  })
}

function numberAttribute(name: string, type: 'number' | 'boolean', tensors: Tensors, prefix: string): Attribute {
  const { values } = tensors[`${prefix}.values`]
  const typed = (item: number) => (type === 'boolean' ? values[item] === 1 : values[item])
  const missing = (item: number) => Number.isNaN(values[item])
  return {
    ...{ name, type, missing },
    at: item => (missing(item) ? null : typed(item)),
    where: test => item => !missing(item) && test(typed(item)),
  }
}

function textAttribute(name: string, tensors: Tensors, prefix: string): Attribute {
  const { values: codes } = tensors[`${prefix}.codes`]
  const dictionary = textColumn(tensors, prefix)
  return {
    ...{ name, type: 'text' },
    at: item => (codes[item] < 0 ? null : dictionary.at(codes[item])),
    missing: item => codes[item] < 0,
    where(test) {
      const holds = Array.from({ length: dictionary.length }, (_, code) => test(dictionary.at(code)))
      return item => codes[item] >= 0 && holds[codes[item]]
    },
  }
}
