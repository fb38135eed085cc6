/**
 * A table that 4 GiB cannot hold, two ways: in a memory that is addressed with 64 bits, or in ordinary memory from which the rows of a
 * batch come into the kernels' memory and go back. A batch moves random rows of 64 numbers along a gradient.
 *
 *   node bench/scale/memory64.ts [rows, 1e6] [rounds, 7]
 *
 * Processor time per row, ways in turns; up to 2.5·10^6 rows also in place with addresses of 32 bits, which is what both compare with.
 */
import { parseArgs } from 'node:util'
import binaryen from 'assemblyscript/binaryen'
import { formatTable } from '../../src/cli/shared/table.ts'
import { derive, randomStream } from '../../src/random.ts'
import { createRowCopies } from '../../src/training/row-copies.ts'
import { median } from '../measure.ts'

const WIDTH = 64
const BATCH = 8192
/** Batches of one measurement. */
const BATCHES = 100
const PAGE = 65_536
/** Where the batch's row numbers and gradients lie; the table comes after. */
const [ROWS, GRADIENTS, TABLE] = [0, PAGE, 64 * PAGE]

const { positionals } = parseArgs({ allowPositionals: true })
const [rows = 1e6, rounds = 7] = positionals.map(Number)

/** table[rows[k]] −= rate · gradients[k] for k < count. */
function createMove(bits: 32 | 64, bytes: number) {
  const type = `i${bits}`
  const wide = (value: string) => (bits === 64 ? `(i64.extend_i32_u ${value})` : value)
  const pages = Math.ceil(bytes / PAGE)
  const lane = (
    d: number,
  ) => `(v128.store offset=${16 * d} (local.get $row) (f32x4.sub (v128.load offset=${16 * d} (local.get $row))
    (f32x4.mul (local.get $rate) (v128.load offset=${16 * d} (local.get $gradient)))))`
  const module = binaryen.parseText(`(module
    (memory (export "memory") ${bits === 64 ? 'i64' : ''} ${pages} ${pages})
    (func (export "move") (param $count i32) (param $step f32)
      (local $at i32) (local $row ${type}) (local $gradient ${type}) (local $rate v128)
      (local.set $rate (f32x4.splat (local.get $step)))
      (loop $next
        (local.set $row (${type}.add (${type}.const ${TABLE}) (${type}.mul (${type}.const ${4 * WIDTH})
          ${wide(`(i32.load (${type}.add (${type}.const ${ROWS}) ${wide('(i32.shl (local.get $at) (i32.const 2))')}))`)})))
        (local.set $gradient (${type}.add (${type}.const ${GRADIENTS}) ${wide(`(i32.mul (local.get $at) (i32.const ${4 * WIDTH}))`)}))
        ${Array.from({ length: WIDTH / 4 }, (_, d) => lane(d)).join('\n')}
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $at) (local.get $count))))))`)
  module.setFeatures(binaryen.Features.All)
  module.optimize()
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.emitBinary() as Uint8Array<ArrayBuffer>))
  const { memory, move } = instance.exports as unknown as {
    memory: WebAssembly.Memory
    move: (count: number, step: number) => void
  }
  const floats = (at: number, length: number) => new Float32Array(memory.buffer, at, length)
  floats(GRADIENTS, BATCH * WIDTH).fill(1e-3)
  return {
    move,
    numbers: new Int32Array(memory.buffer, ROWS, BATCH),
    table: floats(TABLE, (bytes - TABLE) / 4),
  }
}

const random = randomStream(derive(1, 'rows'))
/** No row twice. */
const batches = Array.from({ length: BATCHES }, () => {
  const chosen = new Set<number>()
  while (chosen.size < BATCH) chosen.add(random.below(rows))
  return Int32Array.from(chosen)
})

/** In place, in a memory that holds the table. */
function inPlace(bits: 32 | 64) {
  const { move, numbers, table } = createMove(bits, TABLE + rows * WIDTH * 4)
  table.fill(1)
  return {
    run(batch: Int32Array) {
      numbers.set(batch)
      move(BATCH, 0.1)
    },
    table,
  }
}

function outside() {
  const { move, numbers, table: slots } = createMove(32, TABLE + BATCH * WIDTH * 4)
  const table = new Float32Array(rows * WIDTH).fill(1)
  const copies = createRowCopies(table, slots, WIDTH)
  for (let b = 0; b < BATCH; b++) numbers[b] = b
  return {
    run(batch: Int32Array) {
      copies.gather(batch, BATCH)
      move(BATCH, 0.1)
      copies.scatter(batch, BATCH)
    },
    table,
  }
}

const ways = {
  ...(rows <= 2.5e6 && { 'in place, 32 bits': inPlace(32) }),
  'in place, 64 bits': inPlace(64),
  'ordinary memory, rows of a batch': outside(),
}
const nanoseconds = new Map(Object.keys(ways).map(name => [name, [] as number[]]))
for (let round = -1; round < rounds; round++)
  for (const [name, { run }] of Object.entries(ways)) {
    const before = process.cpuUsage()
    for (const batch of batches) run(batch)
    const { user, system } = process.cpuUsage(before)
    // the first round is a warm-up
    if (round >= 0) nanoseconds.get(name)!.push((1000 * (user + system)) / BATCHES / BATCH)
  }

const base = median([...nanoseconds.values()][0])
process.stdout.write(
  `${formatTable(
    ['', 'ns per row, median', 'ratio', 'raw'],
    [...nanoseconds].map(([name, values]) => [
      name,
      median(values).toFixed(0),
      (median(values) / base).toFixed(2),
      values.map(value => value.toFixed(0)).join(' '),
    ]),
  )}\n`,
)
const [{ table: first }, ...others] = Object.values(ways)
for (const { table } of others)
  for (let at = 0; at < rows * WIDTH; at += 997)
    if (table[at] !== first[at]) throw new Error(`row ${Math.floor(at / WIDTH)} differs`)
