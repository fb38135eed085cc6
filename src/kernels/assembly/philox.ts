// Philox4x32-10, the same function as `random.ts` (Salmon et al., SC 2011).

/** The four words of the last call to philox; a call is followed at once by its reads. */
let word0: u32 = 0
let word1: u32 = 0
let word2: u32 = 0
let word3: u32 = 0

export function philox(k0: u32, k1: u32, c0: u32, c1: u32, c2: u32, c3: u32): void {
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>0xd2511f53 * <u64>c0
    const product1 = <u64>0xcd9e8d57 * <u64>c2
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0
    c1 = <u32>product1
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1
    c3 = <u32>product0
    k0 += 0x9e3779b9
    k1 += 0xbb67ae85
  }
  word0 = c0
  word1 = c1
  word2 = c2
  word3 = c3
}

/** Word 0 … 3 of the last call. */
// @ts-ignore: decorator
@inline
export function philoxWord(index: i32): u32 {
  return index == 0 ? word0 : index == 1 ? word1 : index == 2 ? word2 : word3
}

/** A word scaled to 0 … n − 1 (bias below n / 2³²). */
// @ts-ignore: decorator
@inline
export function below(word: u32, n: i32): i32 {
  return <i32>((<u64>word * <u64>n) >> 32)
}

/**
 * The same for counters c0 … c0 + 3, whose other words are 0: sixteen words, scaled to 0 … n − 1 as `below` does, one after the
 * other at `out`.
 */
export function philoxBelow16(k0: u32, k1: u32, c0: u32, n: i32, out: usize): void {
  const m0 = i32x4.splat(0xd2511f53), m1 = i32x4.splat(0xcd9e8d57)
  let a = i32x4.add(i32x4.splat(c0), i32x4(0, 1, 2, 3))
  let b = i32x4.splat(0), c = b, d = b
  for (let round = 0; round < 10; round++) {
    const low0 = i64x2.extmul_low_i32x4_u(a, m0), high0 = i64x2.extmul_high_i32x4_u(a, m0)
    const low1 = i64x2.extmul_low_i32x4_u(c, m1), high1 = i64x2.extmul_high_i32x4_u(c, m1)
    a = v128.xor(v128.xor(i32x4.shuffle(low1, high1, 1, 3, 5, 7), b), i32x4.splat(k0))
    b = i32x4.shuffle(low1, high1, 0, 2, 4, 6)
    c = v128.xor(v128.xor(i32x4.shuffle(low0, high0, 1, 3, 5, 7), d), i32x4.splat(k1))
    d = i32x4.shuffle(low0, high0, 0, 2, 4, 6)
    k0 += 0x9e3779b9
    k1 += 0xbb67ae85
  }
  const size = i32x4.splat(n)
  a = belowAll(a, size); b = belowAll(b, size); c = belowAll(c, size); d = belowAll(d, size)
  const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5), ab1 = i32x4.shuffle(a, b, 2, 6, 3, 7)
  const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5), cd1 = i32x4.shuffle(c, d, 2, 6, 3, 7)
  v128.store(out, i64x2.shuffle(ab0, cd0, 0, 2))
  v128.store(out, i64x2.shuffle(ab0, cd0, 1, 3), 16)
  v128.store(out, i64x2.shuffle(ab1, cd1, 0, 2), 32)
  v128.store(out, i64x2.shuffle(ab1, cd1, 1, 3), 48)
}

// @ts-ignore: decorator
@inline
function belowAll(words: v128, n: v128): v128 {
  return i32x4.shuffle(i64x2.extmul_low_i32x4_u(words, n), i64x2.extmul_high_i32x4_u(words, n), 1, 3, 5, 7)
}
