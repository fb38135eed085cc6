/** The two places where kernel arrays live: one shared WebAssembly memory, or the ordinary heap for the reference. */
import { RunError } from '../errors.ts'
import { bytes as formatBytes } from '../numbers.ts'
import type { Floats, KernelMemory } from './interface/kernels.ts'

const PAGE = 65536
/** Cache lines and f32x4 loads both like it. */
const ALIGNMENT = 64
/** What wasm32 can address. */
export const MEMORY_LIMIT = 4 * 1024 ** 3

type AnyArray = Floats | Int32Array | Int8Array

/** A stack of arrays in one shared memory, and the byte offset of each of its arrays for the module's calls. */
export class SharedMemory implements KernelMemory {
  readonly memory = new WebAssembly.Memory({ initial: 16, maximum: MEMORY_LIMIT / PAGE, shared: true })
  readonly #buffers = new WeakSet<ArrayBufferLike>([this.memory.buffer])
  readonly #limit: number
  /** the module's own constants lie below */
  #next = PAGE
  #peak = PAGE

  /** @param limit bytes that arrays may take up to */
  constructor(limit: number = MEMORY_LIMIT) {
    this.#limit = limit
  }

  floats(length: number): Float32Array {
    return new Float32Array(...this.#reserve(length * 4), length)
  }

  doubles(length: number): Float64Array {
    return new Float64Array(...this.#reserve(length * 8), length)
  }

  ints(length: number): Int32Array {
    return new Int32Array(...this.#reserve(length * 4), length)
  }

  bytes(length: number): Int8Array {
    return new Int8Array(...this.#reserve(length), length)
  }

  copy<T extends AnyArray>(values: T): T {
    const { length } = values
    const copy =
      values instanceof Int32Array
        ? this.ints(length)
        : values instanceof Int8Array
          ? this.bytes(length)
          : this.floats(length)
    copy.set(values)
    return copy as T
  }

  resident<T extends AnyArray>(values: T): T {
    return this.#buffers.has(values.buffer) ? values : this.copy(values)
  }

  scope<T>(body: () => T): T {
    const mark = this.#next
    const free = () => {
      this.#next = mark
    }
    return freeAfter(body, free)
  }

  get usage() {
    return { bytes: this.#next, peakBytes: this.#peak }
  }

  get limit() {
    return this.#limit
  }

  /** The byte offset of an array of this memory; 0 for undefined. */
  offsetOf(array: AnyArray | undefined): number {
    if (!array) return 0
    if (!this.#buffers.has(array.buffer)) throw new TypeError('a kernel was handed an array from outside its memory')
    return array.byteOffset
  }

  /** A zeroed block, as the first two arguments of a typed array's constructor. */
  #reserve(bytes: number): [buffer: ArrayBuffer, byteOffset: number] {
    const start = this.#next
    const end = start + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
    if (end > this.#limit)
      throw new RunError(
        `out of kernel memory: ${formatBytes(end)} needed, ${formatBytes(this.#limit)} is all that wasm32 addresses; ` +
          'use fewer dimensions, a smaller batch, fewer users and items (--k-core), or --model mf, whose users need none of it',
      )
    const missing = end - this.memory.buffer.byteLength
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE))
    const { buffer } = this.memory
    this.#buffers.add(buffer)
    // what nobody has used yet is zero already; in doubles, since shared bytes are filled one by one
    if (start < this.#peak) new Float64Array(buffer, start, (Math.min(end, this.#peak) - start) / 8).fill(0)
    this.#next = end
    this.#peak = Math.max(this.#peak, end)
    return [buffer, start]
  }
}

/** Arrays of the ordinary heap, in either precision. */
export function heapFootprint(precision: 'f32' | 'f64'): KernelMemory {
  const floats = (length: number) => (precision === 'f64' ? new Float64Array(length) : new Float32Array(length))
  const copy: KernelMemory['copy'] = values => {
    if (values instanceof Int32Array || values instanceof Int8Array) return values.slice() as typeof values
    const copied = floats(values.length)
    copied.set(values)
    return copied as typeof values
  }
  return {
    floats,
    doubles: length => new Float64Array(length),
    ints: length => new Int32Array(length),
    bytes: length => new Int8Array(length),
    copy,
    // all of the heap is its memory, but a table of the other precision is none of its own
    resident: values => (values instanceof Float32Array && precision === 'f64' ? copy(values) : values),
    scope: body => body(),
    usage: { bytes: 0, peakBytes: 0 },
    limit: Number.POSITIVE_INFINITY,
  }
}

function freeAfter<T>(body: () => T, free: () => void): T {
  let result: T
  try {
    result = body()
  } catch (error) {
    free()
    throw error
  }
  if (result instanceof Promise) return result.finally(free) as T
  free()
  return result
}
