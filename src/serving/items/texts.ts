/** Columns of texts and of ids as arrays, so that a million of them are read with the rest of a model and nothing is parsed. */
import type { ExternalId } from '../../dataset/dataset.ts'
import { DataError } from '../../errors.ts'
import type { Tensor } from '../../models/safetensors.ts'

export type Tensors = Readonly<Record<string, Tensor>>

export interface Column<T> {
  readonly length: number
  at(index: number): T
}

/** Ids in internal order, and the way back. */
export interface IdColumn extends Column<ExternalId> {
  /** @returns the internal id, or −1 */
  indexOf(id: ExternalId): number
}

/** One UTF-8 text after the other, and where each begins. */
export function textTensors(name: string, texts: readonly string[]): Record<string, Tensor> {
  const offsets = new Int32Array(texts.length + 1)
  texts.forEach((text, index) => {
    offsets[index + 1] = offsets[index] + Buffer.byteLength(text)
  })
  const bytes = Buffer.alloc(offsets[texts.length])
  texts.forEach((text, index) => {
    bytes.write(text, offsets[index])
  })
  return {
    [`${name}.offsets`]: { shape: [offsets.length], values: offsets },
    [`${name}.text`]: { shape: [bytes.length], values: new Uint8Array(bytes) },
  }
}

export function textColumn(tensors: Tensors, name: string): Column<string> {
  const offsets = tensors[`${name}.offsets`].values
  const { buffer, byteOffset, byteLength } = tensors[`${name}.text`].values
  const bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
  return { length: offsets.length - 1, at: index => bytes.toString('utf8', offsets[index], offsets[index + 1]) }
}

/**
 * @param ids integers ascending, or strings in the order of their UTF-16 code units: as `sortIds` has them
 * @throws DataError when they do not ascend
 */
export function idTensors(name: string, ids: readonly ExternalId[]): Record<string, Tensor> {
  for (let index = 1; index < ids.length; index++)
    if (!(ids[index - 1] < ids[index]))
      throw new DataError(`ids of ${name} do not ascend: "${ids[index]}" comes after "${ids[index - 1]}"`)
  return ids.every(id => typeof id === 'number')
    ? { [`${name}.numbers`]: { shape: [ids.length], values: Float64Array.from(ids as number[]) } }
    : textTensors(name, ids.map(String))
}

/** Looked up by halves, so that opening a model builds no index. */
export function idColumn(tensors: Tensors, name: string): IdColumn {
  const numbers = tensors[`${name}.numbers`]?.values
  if (!numbers) {
    const texts = textColumn(tensors, name)
    return { ...texts, indexOf: orTrimmed(id => findBy(texts, String(id))) }
  }
  const column = { length: numbers.length, at: (index: number) => numbers[index] }
  return {
    ...column,
    indexOf: orTrimmed(id => {
      const number = Number(id)
      // "07" and "7.0" are other ids than 7
      return typeof id === 'number' || String(number) === id ? findBy(column, number) : -1
    }),
  }
}

/** Ids that are read from files have lost the blanks around them, so that a text with blanks may name one, too. */
function orTrimmed(indexOf: IdColumn['indexOf']): IdColumn['indexOf'] {
  return id => {
    const index = indexOf(id)
    return index < 0 && typeof id === 'string' && id !== id.trim() ? indexOf(id.trim()) : index
  }
}

function findBy<T extends string | number>({ length, at }: Column<T>, wanted: T): number {
  let [low, high] = [0, length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const value = at(middle)
    if (value === wanted) return middle
    if (value < wanted) low = middle + 1
    else high = middle - 1
  }
  return -1
}
