import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/errors.ts'
import { loadEmbeddings, saveEmbeddings } from '../../src/models/model-file.ts'
import { decodeTensors, encodeTensors, type TensorFile } from '../../src/models/safetensors.ts'
import { temporaryDirectory } from '../support/directory.ts'

const encoded = (file: TensorFile) => Buffer.concat(encodeTensors(file))

const FILE: TensorFile = {
  tensors: {
    user_vectors: { shape: [2, 4], values: Float32Array.of(1.5, -2, 3.25, 4, 5, 6, 7, -0.125) },
    steps: { shape: [3], values: Int32Array.of(1, -2, 2147483647) },
    wide: { shape: [1, 2], values: Float64Array.of(Math.PI, -1e300) },
    nothing: { shape: [0, 4], values: new Float32Array(0) },
    scalar: { shape: [], values: Float32Array.of(9) },
    odd: { shape: [4], values: Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY, -0, 1e-45) },
  },
  metadata: { model: 'lightgcn', note: 'Zoë, 日本, "quoted"' },
}

describe('what is written', () => {
  it('is read back to the bit: f32, f64, i32, empty and scalar tensors, NaN and −0', () => {
    const bytes = encoded(FILE)
    expect(decodeTensors(bytes, 'a')).toEqual(FILE)
    expect(encoded(decodeTensors(bytes, 'a'))).toEqual(bytes)
  })

  it('has the same bytes for the same content', () => {
    expect(encoded(FILE)).toEqual(encoded(structuredClone(FILE)))
  })

  it('begins with the length of a header that is JSON, filled up with blanks to 8 bytes', () => {
    // metadata of every length, so that each remainder occurs
    for (let length = 0; length < 9; length++) {
      const bytes = encoded({ ...FILE, metadata: { note: 'x'.repeat(length) } })
      const headerLength = Number(bytes.readBigUInt64LE(0))
      expect(headerLength % 8).toBe(0)
      const text = bytes.subarray(8, 8 + headerLength).toString()
      expect(text).toMatch(/^\{.*\} *$/)
      const { __metadata__, ...entries } = JSON.parse(text)
      expect(__metadata__).toEqual({ note: 'x'.repeat(length) })
      expect(entries.user_vectors).toEqual({ dtype: 'F32', shape: [2, 4], data_offsets: [0, 32] })
      expect(entries.steps).toEqual({ dtype: 'I32', shape: [3], data_offsets: [32, 44] })
      expect(entries.wide.dtype).toBe('F64')
      // no hole and nothing after the last tensor, or other readers refuse the file
      expect(bytes).toHaveLength(8 + headerLength + entries.odd.data_offsets[1])
    }
  })

  it('may be a part of a larger array, of which the rest is left out', () => {
    const values = Float32Array.of(9, 1, 2, 9).subarray(1, 3)
    const { tensors } = decodeTensors(encoded({ tensors: { part: { shape: [2], values } }, metadata: {} }), 'a')
    expect(tensors.part.values).toEqual(Float32Array.of(1, 2))
  })
})

describe('what is read', () => {
  it('may lie anywhere in a larger buffer', () => {
    const bytes = encoded(FILE)
    for (const offset of [1, 3, 4, 8]) {
      const around = Buffer.alloc(bytes.length + offset + 5, 0xff)
      around.set(bytes, offset)
      const inside = around.subarray(offset, offset + bytes.length)
      expect(inside.byteOffset % 8 === 0).toBe(offset === 8)
      expect(decodeTensors(inside, 'a')).toEqual(FILE)
    }
  })

  it('lies over the bytes themselves where they are aligned: nothing large is copied', () => {
    const bytes = Uint8Array.from(encoded(FILE))
    expect(decodeTensors(bytes, 'a').tensors.user_vectors.values.buffer).toBe(bytes.buffer)
  })

  it('a file of the Python package, which orders tensors by their type', () => {
    // safetensors 0.8.0: save({'user_vectors': …, 'item_vectors': …, 'steps': …, 'wide': …}, metadata={'model': 'lightgcn'})
    const bytes = Buffer.from(
      'KAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJtb2RlbCI6ImxpZ2h0Z2NuIn0sIndpZGUiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzJd' +
        'LCJkYXRhX29mZnNldHMiOlswLDE2XX0sIml0ZW1fdmVjdG9ycyI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMSw0XSwiZGF0YV9vZmZz' +
        'ZXRzIjpbMTYsMzJdfSwidXNlcl92ZWN0b3JzIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDRdLCJkYXRhX29mZnNldHMiOlszMiw2' +
        'NF19LCJzdGVwcyI6eyJkdHlwZSI6IkkzMiIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzY0LDc2XX19ICAgICAgIBgtRFT7IQlA' +
        'nHUAiDzkN/4AAAA/AAAAAAAAAAAAAIA/AADAPwAAAMAAAFBAAACAQAAAoEAAAMBAAADgQAAAAL4BAAAA/v///////38=',
      'base64',
    )
    expect(decodeTensors(bytes, 'python.safetensors')).toEqual({
      tensors: {
        user_vectors: FILE.tensors.user_vectors,
        item_vectors: { shape: [1, 4], values: Float32Array.of(0.5, 0, 0, 1) },
        steps: FILE.tensors.steps,
        wide: { shape: [2], values: Float64Array.of(Math.PI, -1e300) },
      },
      metadata: { model: 'lightgcn' },
    })
  })

  it('a file without metadata', () => {
    expect(decodeTensors(fileOf('{}'), 'a')).toEqual({ tensors: {}, metadata: {} })
  })
})

/** A file with this header, and so many bytes of data. */
function fileOf(header: string, data = 0): Buffer {
  const file = Buffer.alloc(8 + header.length + data)
  file.writeBigUInt64LE(BigInt(header.length))
  file.write(header, 8)
  return file
}

describe('a broken file is a data error that says what is wrong', () => {
  const whole = encoded(FILE)
  const tooLong = Buffer.from(whole)
  tooLong.writeBigUInt64LE(2n ** 63n)
  const tensor = (change: object) =>
    JSON.stringify({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...change } })
  const cases: [what: string, bytes: Uint8Array, message: string][] = [
    ['no bytes', new Uint8Array(0), 'not a safetensors file that can be read: 0 bytes are too few; write it again'],
    ['cut off in the length', whole.subarray(0, 7), 'not a safetensors file that can be read: 7 bytes are too few; write it again'],
    ['cut off in the header', whole.subarray(0, 100), `not a safetensors file that can be read: its header should have ${whole.readBigUInt64LE(0)} bytes; write it again`],
    ['cut off in the data', whole.subarray(0, -1), 'not a safetensors file that can be read: tensor "odd" is cut off; write it again'],
    ['an absurd length', tooLong, 'not a safetensors file that can be read: its header should have 9223372036854776000 bytes; write it again'],
    ['a header that is not JSON', fileOf('{"a":'), 'the safetensors header is not JSON; write the file again'],
    ['a type that is not read', fileOf(tensor({ dtype: 'BF16', data_offsets: [0, 4] }), 4), 'not a safetensors file that can be read: tensor "a" has type BF16; write it again'],
    ['bytes that do not fit the shape', fileOf(tensor({ shape: [3] }), 8), 'not a safetensors file that can be read: tensor "a" is cut off; write it again'],
  ] // biome-ignore format: a table
  it.each(cases)('%s', (_what, bytes, message) => {
    const decode = () => decodeTensors(bytes, 'model.safetensors')
    expect(decode).toThrow(DataError)
    expect(decode).toThrow(`model.safetensors: ${message}`)
  })
})

describe('a trained model as a file', () => {
  const embeddings = {
    users: 2,
    items: 1,
    dimensions: 4,
    userVectors: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    itemVectors: Float32Array.of(9, 10, 11, 12),
  }

  it('is read back with its metadata', async () => {
    const path = join(await temporaryDirectory(), 'model.safetensors')
    await saveEmbeddings(path, embeddings, { model: 'mf' })
    expect(await loadEmbeddings(path)).toEqual({ ...embeddings, metadata: { model: 'mf' } })
    const names = Object.keys(decodeTensors(readFileSync(path), path).tensors)
    expect(names).toEqual(['user_vectors', 'item_vectors'])
  })

  it.each([
    ['a table is missing', { user_vectors: { shape: [1, 4], values: new Float32Array(4) } }],
    [
      'the tables do not fit together',
      {
        user_vectors: { shape: [1, 4], values: new Float32Array(4) },
        item_vectors: { shape: [1, 8], values: new Float32Array(8) },
      },
    ],
  ])('is refused when %s', async (_what, tensors) => {
    const directory = await temporaryDirectory({ 'a.safetensors': encoded({ tensors, metadata: {} }) })
    const path = join(directory, 'a.safetensors')
    await expect(loadEmbeddings(path)).rejects.toThrow(
      `${path}: expected tensors "user_vectors" [U × D] and "item_vectors" [I × D]; train the model again`,
    )
  })

  it('is refused when it is a directory', async () => {
    const path = await temporaryDirectory()
    await expect(loadEmbeddings(path)).rejects.toThrow(
      `${path} cannot be read: it is a directory; give the file itself`,
    )
  })
})
