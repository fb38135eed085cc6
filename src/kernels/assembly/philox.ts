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
