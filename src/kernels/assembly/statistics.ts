// Resampled sums and flipped signs: random numbers as `random.ts` draws them, sums in the order of the users.
import { philox, philoxBelow16, philoxWord } from './philox'

/**
 * out[sample][column] = Σ over draws of table[user][column] for samples begin … end − 1; a sample draws `users` users with its key.
 * table is [users × columns], columns a multiple of 4. drawn: [users] scratch, a multiple of 16.
 */
export function resampleSums(
  begin: i32, end: i32, keys: usize, users: i32, table: usize, columns: i32, out: usize, drawn: usize,
): void {
  const stride = <usize>columns << 3
  for (let sample = begin; sample < end; sample++) {
    const key = keys + (<usize>sample << 3)
    for (let at = 0; at < users; at += 16)
      philoxBelow16(load<u32>(key), load<u32>(key, 4), at >> 2, users, drawn + (<usize>at << 2))
    const own = out + <usize>sample * stride
    for (let column: usize = 0; column < stride; column += 32) {
      let low = f64x2.splat(0), high = low
      for (let at = drawn, stop = drawn + (<usize>users << 2); at < stop; at += 4) {
        const row = table + <usize>load<i32>(at) * stride + column
        low = f64x2.add(low, v128.load(row))
        high = f64x2.add(high, v128.load(row, 16))
      }
      v128.store(own + column, low)
      v128.store(own + column, high, 16)
    }
  }
}

/**
 * For how many of the permutations begin … end − 1, each with its key, |Σ ±value| ≥ bound; bit b of word w is the sign of value 32 w + b.
 * Four permutations go side by side. words: 64 bytes of scratch.
 */
export function countFlips(
  begin: i32, end: i32, keys: usize, values: usize, count: i32, bound: f64, words: usize,
): i32 {
  const sign = i64x2.splat(i64.MIN_VALUE)
  let reached = 0
  for (let first = begin; first < end; first += 4) {
    let low = f64x2.splat(0), high = low
    for (let start = 0, word = 0; start < count; start += 32, word++) {
      if ((word & 3) == 0) for (let lane = 0; lane < 4; lane++) {
        const key = keys + (<usize>min(first + lane, end - 1) << 3)
        philox(load<u32>(key), load<u32>(key, 4), word >> 2, 0, 0, 0)
        for (let n = 0; n < 4; n++) store<u32>(words + (<usize>(4 * n + lane) << 2), philoxWord(n))
      }
      const own = words + (<usize>(word & 3) << 4)
      const lowBits = i64x2.extend_low_i32x4_u(v128.load(own)), highBits = i64x2.extend_high_i32x4_u(v128.load(own))
      for (let at = start, stop = min(count, start + 32); at < stop; at++) {
        const value = v128.load64_splat(values + (<usize>at << 3))
        const shift = 63 - (at - start)
        low = f64x2.add(low, v128.xor(value, v128.and(i64x2.shl(lowBits, shift), sign)))
        high = f64x2.add(high, v128.xor(value, v128.and(i64x2.shl(highBits, shift), sign)))
      }
    }
    const left = end - first
    reached += <i32>(abs(f64x2.extract_lane(low, 0)) >= bound)
    if (left > 1) reached += <i32>(abs(f64x2.extract_lane(low, 1)) >= bound)
    if (left > 2) reached += <i32>(abs(f64x2.extract_lane(high, 0)) >= bound)
    if (left > 3) reached += <i32>(abs(f64x2.extract_lane(high, 1)) >= bound)
  }
  return reached
}
