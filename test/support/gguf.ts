/**
 * Writes small language models as GGUF files, from the specification of the format, so that tests can run a real engine
 * on a model that nobody needs to fetch. Their weights are random: they know nothing, and say it the same every time.
 * @source GGUF, version 3: github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { derive, randomStream } from '../../src/random.ts'

type Value =
  | { type: 'uint32'; value: number }
  | { type: 'float32'; value: number }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: readonly string[] }
  | { type: 'floats'; value: readonly number[] }
  | { type: 'ints'; value: readonly number[] }

interface Tensor {
  readonly name: string
  /** the fastest first, as the format has it */
  readonly dimensions: readonly number[]
  readonly values: Float32Array
}

const ALIGNMENT = 32
const VALUE_TYPES = { uint32: 4, int32: 5, float32: 6, string: 8, array: 9 }
const F32 = 0

class Bytes {
  readonly #chunks: Buffer[] = []
  length = 0

  add(chunk: Buffer): this {
    this.#chunks.push(chunk)
    this.length += chunk.length
    return this
  }

  uint32(value: number): this {
    const chunk = Buffer.alloc(4)
    chunk.writeUInt32LE(value)
    return this.add(chunk)
  }

  uint64(value: number): this {
    const chunk = Buffer.alloc(8)
    chunk.writeBigUInt64LE(BigInt(value))
    return this.add(chunk)
  }

  floats(values: ArrayLike<number>): this {
    const chunk = Buffer.alloc(4 * values.length)
    for (let at = 0; at < values.length; at++) chunk.writeFloatLE(values[at], 4 * at)
    return this.add(chunk)
  }

  string(text: string): this {
    const chunk = Buffer.from(text)
    return this.uint64(chunk.length).add(chunk)
  }

  pad(): this {
    return this.add(Buffer.alloc((ALIGNMENT - (this.length % ALIGNMENT)) % ALIGNMENT))
  }

  whole(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

function encodeGguf(metadata: Readonly<Record<string, Value>>, tensors: readonly Tensor[]): Buffer {
  const out = new Bytes().add(Buffer.from('GGUF')).uint32(3)
  out.uint64(tensors.length).uint64(Object.keys(metadata).length)
  for (const [key, value] of Object.entries(metadata)) writeValue(out.string(key), value)
  let offset = 0
  for (const { name, dimensions, values } of tensors) {
    out.string(name).uint32(dimensions.length)
    for (const size of dimensions) out.uint64(size)
    out.uint32(F32).uint64(offset)
    offset += Math.ceil((4 * values.length) / ALIGNMENT) * ALIGNMENT
  }
  out.pad()
  for (const { values } of tensors) out.floats(values).pad()
  return out.whole()
}

function writeValue(out: Bytes, own: Value): void {
  if (own.type === 'uint32') out.uint32(VALUE_TYPES.uint32).uint32(own.value)
  else if (own.type === 'float32') out.uint32(VALUE_TYPES.float32).floats([own.value])
  else if (own.type === 'string') out.uint32(VALUE_TYPES.string).string(own.value)
  else {
    const element = { strings: VALUE_TYPES.string, floats: VALUE_TYPES.float32, ints: VALUE_TYPES.int32 }[own.type]
    out.uint32(VALUE_TYPES.array).uint32(element).uint64(own.value.length)
    for (const value of own.value) {
      if (typeof value === 'string') out.string(value)
      else if (own.type === 'floats') out.floats([value])
      else out.uint32(value)
    }
  }
}

const [NORMAL, UNKNOWN, CONTROL, BYTE] = [1, 2, 3, 6]

interface VocabularyToken {
  readonly text: string
  readonly type: number
}

/** A token for every byte, so that any text is one, and one for every printable character. */
function vocabulary(): VocabularyToken[] {
  const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, '0')
  return [
    { text: '<unk>', type: UNKNOWN },
    { text: '<s>', type: CONTROL },
    { text: '</s>', type: CONTROL },
    ...Array.from({ length: 256 }, (_, byte) => ({ text: `<0x${hex(byte)}>`, type: BYTE })),
    { text: '▁', type: NORMAL },
    ...Array.from({ length: 94 }, (_, at) => ({ text: String.fromCharCode(33 + at), type: NORMAL })),
  ]
}

function tokenizerOf(tokens: readonly VocabularyToken[]): Record<string, Value> {
  return {
    'tokenizer.ggml.model': { type: 'string', value: 'llama' },
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens.map(({ text }) => text) },
    'tokenizer.ggml.scores': { type: 'floats', value: tokens.map((_, at) => -at) },
    'tokenizer.ggml.token_type': { type: 'ints', value: tokens.map(({ type }) => type) },
    'tokenizer.ggml.unknown_token_id': { type: 'uint32', value: 0 },
    'tokenizer.ggml.bos_token_id': { type: 'uint32', value: 1 },
    'tokenizer.ggml.eos_token_id': { type: 'uint32', value: 2 },
  }
}

/** A model of the architecture `llama` with one layer; about 200 kB. */
export function randomGguf({ seed = 1, context = 8192 } = {}): Buffer {
  const [width, inner, heads] = [32, 64, 4]
  const tokens = vocabulary()
  const size = tokens.length
  const random = randomStream(derive(seed, 'gguf'))
  const tensor = (name: string, ...dimensions: number[]): Tensor => ({
    name,
    dimensions,
    values: Float32Array.from({ length: dimensions.reduce((a, b) => a * b) }, () => random.uniform() - 0.5),
  })
  const norm = (name: string): Tensor => ({ name, dimensions: [width], values: new Float32Array(width).fill(1) })
  const metadata: Record<string, Value> = {
    'general.architecture': { type: 'string', value: 'llama' },
    'general.name': { type: 'string', value: 'random' },
    'llama.context_length': { type: 'uint32', value: context },
    'llama.embedding_length': { type: 'uint32', value: width },
    'llama.block_count': { type: 'uint32', value: 1 },
    'llama.feed_forward_length': { type: 'uint32', value: inner },
    'llama.attention.head_count': { type: 'uint32', value: heads },
    'llama.attention.head_count_kv': { type: 'uint32', value: heads },
    'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 },
    'llama.rope.dimension_count': { type: 'uint32', value: width / heads },
    'llama.vocab_size': { type: 'uint32', value: size },
    ...tokenizerOf(tokens),
  }
  return encodeGguf(metadata, [
    tensor('token_embd.weight', width, size),
    norm('output_norm.weight'),
    tensor('output.weight', width, size),
    norm('blk.0.attn_norm.weight'),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map(name => tensor(`blk.0.${name}.weight`, width, width)),
    norm('blk.0.ffn_norm.weight'),
    tensor('blk.0.ffn_gate.weight', width, inner),
    tensor('blk.0.ffn_up.weight', width, inner),
    tensor('blk.0.ffn_down.weight', inner, width),
  ])
}
