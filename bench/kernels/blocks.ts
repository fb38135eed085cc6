import type { Block, Floats } from '../../src/kernels/interface/kernels.ts'
import { type KernelCase, WORD } from './case.ts'
import type { World } from './world.ts'

/** Columns of the eigensolver's block with default options. */
const WIDTH = 48
/** Bytes of a value in f64. */
const DOUBLE = 8

/** What a case works on: a block of a vector an item, and a table of it in f32. */
interface Blocks extends Pick<World, 'kernels'> {
  readonly block: Block
  readonly spare: Block
  readonly table: Floats
  readonly square: Float64Array
  /** values of a block */
  readonly size: number
}

const TABLE = WIDTH * WORD
const ROW = WIDTH * DOUBLE

export const blockCases: readonly KernelCase[] = [
  blockCase('gram', ({ kernels, block, table, square, size }) => ({
    ...{ macs: size * WIDTH, bytes: block.rows * (TABLE + ROW) },
    run: () => kernels.gram(table, block, square),
  })),
  blockCase('rotateColumns', ({ kernels, block, spare, square, size }) => ({
    ...{ macs: size * WIDTH, bytes: 2 * block.rows * ROW },
    run: () => kernels.rotateColumns(block, square, spare),
  })),
  blockCase('columnDots', ({ kernels, block, square, size }) => ({
    ...{ macs: size, bytes: block.rows * ROW },
    run: () => kernels.columnDots(block, WIDTH - 1, square.subarray(0, WIDTH - 1)),
  })),
  blockCase('addColumns', ({ kernels, block, square, size }) => ({
    ...{ macs: size, bytes: block.rows * (ROW + DOUBLE) },
    run: () => kernels.addColumns(block, WIDTH - 1, square.fill(0, 0, WIDTH)),
  })),
  blockCase('columnResiduals', ({ kernels, block, table, square, size }) => ({
    ...{ macs: 2 * size, bytes: block.rows * (TABLE + ROW) },
    run: () => kernels.columnResiduals(block, table, square.subarray(0, WIDTH), square.subarray(WIDTH, 2 * WIDTH)),
  })),
  blockCase('narrow', ({ kernels, block, table }) => ({
    ...{ macs: 0, bytes: block.rows * (TABLE + ROW) },
    run: () => kernels.narrow(block.values, table),
  })),
  blockCase('widen', ({ kernels, block, table }) => ({
    ...{ macs: 0, bytes: block.rows * (TABLE + ROW) },
    run: () => kernels.widen(table, block.values),
  })),
  blockCase('chebyshevStep', ({ kernels, table, size }, { floats }) => {
    const [current, out] = [floats(size), floats(size)]
    const interval = { centre: -0.4, half: 0.6 }
    return {
      macs: 3 * size,
      bytes: 4 * size * WORD,
      run: () => kernels.chebyshevStep(table, current, out, interval, true),
    }
  }),
]

function blockCase(
  kernel: KernelCase['kernel'],
  prepare: (blocks: Blocks, world: World) => ReturnType<KernelCase['prepare']>,
): KernelCase {
  return { kernel, variant: `${WIDTH} columns`, prepare: world => prepare(blocksOf(world), world) }
}

function blocksOf({ kernels, data, floats }: World): Blocks {
  const rows = data.items
  const size = rows * WIDTH
  const table = floats(size)
  const newBlock = () => ({ rows, width: WIDTH, values: kernels.memory.doubles(size) })
  const [block, spare] = [newBlock(), newBlock()]
  kernels.widen(table, block.values)
  return { kernels, block, spare, table, square: kernels.memory.doubles(WIDTH ** 2), size }
}
