/**
 * The words of shared memory by which threads share a kernel call out. Threads take pieces by adding 1 to `NEXT`; while
 * no job is open it stands at `CLOSED`, so that a thread that wakes late finds nothing. What a job says is written before
 * it opens and read only by threads that hold a piece of it.
 */
export interface Control {
  readonly words: Int32Array
  /** arguments of the call: offsets up to 2³², sizes, f32 */
  readonly args: Float64Array
}

/** The exports as a thread sees them that is told a name and numbers; `exports.ts` types the calls. */
export type AnyExports = Record<string, (...args: number[]) => number>

/** A call of an export over rows 0 … count − 1, in pieces. */
export interface Share {
  /** index of the export */
  readonly call: number
  readonly count: number
  readonly piece: number
  readonly args: readonly number[]
  readonly scratch: { readonly argument: number; readonly bytes: number } | undefined
}

const GENERATION = 0
const NEXT = 1
/** threads but the caller that may hold a piece */
const HOLDERS = 2
const RESULT = 3
const FAILED = 4
const CALL = 5
const COUNT = 6
const PIECE = 7
const ARGUMENTS = 8
const SCRATCH_ARGUMENT = 9
const SCRATCH_BYTES = 10
const QUIT = 11
/** 1 while the caller sleeps until no other thread holds a piece */
const WAITING = 12
const WORDS = 16
const MOST_ARGUMENTS = 32
const CLOSED = 2 ** 30
/** Looks at a word before a thread goes to sleep: some tens of microseconds, a few kernels' worth of waiting. */
const SPINS = 4000
/** Milliseconds without a core, while the caller waited, from which on a worker stays away for a while. */
const LONGEST_LOSS = 1
/** How long it then stays away, in the time it lost: the caller waits 1 / (1 + REST) of its time at most, 3 %. */
const REST = 32

export function createControl(): Control {
  const words = new Int32Array(new SharedArrayBuffer(WORDS * 4))
  words[NEXT] = CLOSED
  return { words, args: new Float64Array(new SharedArrayBuffer(MOST_ARGUMENTS * 8)) }
}

/** Lets every thread at the job. No other may be open. */
export function openJob({ words, args }: Control, job: Share): void {
  words[CALL] = job.call
  words[COUNT] = job.count
  words[PIECE] = job.piece
  words[ARGUMENTS] = job.args.length
  words[SCRATCH_ARGUMENT] = job.scratch?.argument ?? -1
  words[SCRATCH_BYTES] = job.scratch?.bytes ?? 0
  words[RESULT] = 0
  words[FAILED] = 0
  args.set(job.args)
  Atomics.store(words, NEXT, 0)
  Atomics.add(words, GENERATION, 1)
  Atomics.notify(words, GENERATION)
}

/** Works on pieces until none is left. */
export function takePieces({ words, args }: Control, wasm: AnyExports, names: readonly string[], thread: number): void {
  let call: ((...args: number[]) => number) | undefined
  let own: number[] = []
  for (;;) {
    const begin = Atomics.add(words, NEXT, 1) * words[PIECE]
    if (begin >= words[COUNT]) return
    if (!call) {
      call = wasm[names[words[CALL]]]
      own = Array.from(args.subarray(0, words[ARGUMENTS]))
      if (words[SCRATCH_ARGUMENT] >= 0) own[words[SCRATCH_ARGUMENT]] += thread * words[SCRATCH_BYTES]
    }
    const result = call(begin, Math.min(begin + words[PIECE], words[COUNT]), ...own)
    if (result) Atomics.add(words, RESULT, result)
  }
}

/** Waits until no other thread holds a piece, and keeps those that wake late from finding one. */
export function waitForHolders({ words }: Control): void {
  Atomics.store(words, NEXT, CLOSED)
  for (;;) {
    const holders = spinWhile(words, HOLDERS, value => value > 0)
    if (holders === 0) return
    Atomics.store(words, WAITING, 1)
    Atomics.wait(words, HOLDERS, holders)
    Atomics.store(words, WAITING, 0)
  }
}

/** @returns the sum of what the calls returned. @throws Error when one of them trapped in another thread */
export function closeJob({ words }: Control): number {
  if (words[FAILED]) throw new Error(`kernel call ${words[CALL]} trapped in a worker thread`)
  return words[RESULT]
}

/**
 * What a worker does for as long as the pool lives. Where other programs want the core and the system stops it with a piece
 * in hand, the caller can only wait: nobody else may write those rows. The next calls then go on without it.
 */
export function serve(control: Control, wasm: AnyExports, names: readonly string[], thread: number): void {
  const { words } = control
  let seen = 0
  for (;;) {
    const generation = spinWhile(words, GENERATION, value => value === seen)
    if (Atomics.load(words, QUIT)) return
    if (generation === seen) {
      Atomics.wait(words, GENERATION, seen)
      continue
    }
    seen = generation
    Atomics.add(words, HOLDERS, 1)
    const before = withoutCore()
    try {
      takePieces(control, wasm, names, thread)
    } catch {
      // a trap: the caller throws in its own thread, where it can be caught
      Atomics.store(words, FAILED, 1)
    }
    const lost = Atomics.load(words, WAITING) ? withoutCore() - before : 0
    if (Atomics.sub(words, HOLDERS, 1) === 1) Atomics.notify(words, HOLDERS)
    if (lost > LONGEST_LOSS) Atomics.wait(words, QUIT, 0, REST * lost)
  }
}

/** Milliseconds that grow while this thread does not run; always 0 before Node 23.9, which does not tell. */
function withoutCore(): number {
  const used = process.threadCpuUsage?.()
  return used ? performance.now() - (used.user + used.system) / 1000 : 0
}

export function quit({ words }: Control): void {
  Atomics.store(words, QUIT, 1)
  Atomics.notify(words, QUIT)
  Atomics.add(words, GENERATION, 1)
  Atomics.notify(words, GENERATION)
}

/** The word once it is no longer as given, or after a while of looking. */
function spinWhile(words: Int32Array, index: number, unchanged: (value: number) => boolean): number {
  let value = Atomics.load(words, index)
  for (let spin = 0; spin < SPINS && unchanged(value); spin++) value = Atomics.load(words, index)
  return value
}
