// Rows that are picked at random wait for memory, one after the other. Loading a word of every cache line of the next few rows
// first makes them wait together: WebAssembly has no prefetch. Adam on 5,000 of 23,577 rows, D = 64, on a busy machine: 290 ns per row
// without, 165 ns with it, of which 55 are arithmetic.

/** Rows that are asked for together. */
export const AHEAD: i32 = 8

let kept: i32 = 0

/** The sum of a word of each line of a row, to be handed to `keep`. */
// @ts-ignore: decorator
@inline
export function touch(row: usize, bytes: usize): i32 {
  let sum: i32 = 0
  for (const end = row + bytes; row < end; row += 64) sum += load<i32>(row)
  return sum
}

/** A use of what was loaded, so that no compiler leaves the loads out. */
// @ts-ignore: decorator
@inline
export function keep(sum: i32): void {
  kept = sum
}
