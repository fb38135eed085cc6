/**
 * The safetensors format: 8 bytes of header length, a JSON header, then the tensors' bytes, little-endian.
 * @source https://huggingface.co/docs/safetensors
 */
import { DataError } from '../errors.ts'

export interface Tensor {
  readonly shape: readonly number[]
  readonly values: Float32Array | Int32Array | Float64Array | Uint8Array
}

export interface TensorFile {
  readonly tensors: Readonly<Record<string, Tensor>>
  readonly metadata: Readonly<Record<string, string>>
}

const TYPES = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array } as const

/**
 * The bytes of a file, in pieces; the same tensors and metadata give the same bytes.
 * @returns the header, then the tensors where they are: nothing large is copied
 */
export function encodeTensors({ tensors, metadata }: TensorFile): Uint8Array[] {
  let end = 0
  const header: Record<string, unknown> = { __metadata__: metadata }
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    const begin = end
    end += values.byteLength
    header[name] = { dtype: typeOf(values), shape, data_offsets: [begin, end] }
  }
  const json = Buffer.from(JSON.stringify(header))
  // spaces after the header keep the tensors aligned to 8 bytes
  const headerLength = Math.ceil(json.length / 8) * 8
  const start = Buffer.alloc(8 + headerLength, ' ')
  start.writeBigUInt64LE(BigInt(headerLength), 0)
  json.copy(start, 8)
  const bytes = ({ values }: Tensor) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return [start, ...Object.values(tensors).map(bytes)]
}

type Header = { __metadata__?: Record<string, string> } & Record<
  string,
  { dtype: string; shape: number[]; data_offsets: [number, number] }
>

/**
 * @param source the file's name, for messages
 * @returns tensors over the bytes themselves, copied only where they are not aligned
 * @throws DataError when the bytes are not a whole safetensors file of f32, f64, i32 and u8 tensors
 */
export function decodeTensors(bytes: Uint8Array, source: string): TensorFile {
  const broken = (why: string) =>
    new DataError(`${source}: not a safetensors file that can be read: ${why}; write it again`)
  if (bytes.length < 8) throw broken(`${bytes.length} bytes are too few`)
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  if (headerLength > bytes.length - 8) throw broken(`its header should have ${headerLength} bytes`)
  let header: Header
  try {
    header = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + 8, headerLength).toString())
  } catch (error) {
    throw new DataError(`${source}: the safetensors header is not JSON; write the file again`, { cause: error })
  }
  if (typeof header !== 'object' || header === null) throw broken('its header is no object')
  const { __metadata__: metadata = {}, ...entries } = header
  const tensors: Record<string, Tensor> = {}
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: range } = entry ?? {}
    const type = TYPES[dtype as keyof typeof TYPES]
    if (!type) throw broken(`tensor "${name}" has type ${dtype}`)
    if (!isRange(range)) throw broken(`tensor "${name}" has no place in the file`)
    const from = 8 + headerLength + range[0]
    const to = 8 + headerLength + range[1]
    if (!Array.isArray(shape)) throw broken(`tensor "${name}" has no shape`)
    const count = shape.reduce((product: number, size: number) => product * size, 1)
    if (to > bytes.length || to - from !== count * type.BYTES_PER_ELEMENT) throw broken(`tensor "${name}" is cut off`)
    const place = bytes.byteOffset + from
    const values =
      place % type.BYTES_PER_ELEMENT === 0
        ? new type(bytes.buffer as ArrayBuffer, place, count)
        : new type(Uint8Array.from(bytes.subarray(from, to)).buffer)
    tensors[name] = { shape, values }
  }
  return { tensors, metadata }
}

const isRange = (range: unknown) =>
  Array.isArray(range) && range.length === 2 && range.every(at => Number.isSafeInteger(at) && at >= 0)

function typeOf(values: Tensor['values']): keyof typeof TYPES {
  if (values instanceof Float64Array) return 'F64'
  if (values instanceof Uint8Array) return 'U8'
  return values instanceof Int32Array ? 'I32' : 'F32'
}
