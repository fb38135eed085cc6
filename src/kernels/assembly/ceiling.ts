// What the machine can do at most, for benchmarks to compare with: multiplications and additions on registers alone.
// A sum waits for itself, so several take turns. Measured (AMD EPYC, one core): 4 sums 10, 6 sums 16, 8 sums 22, 10 sums
// 25 and 12 sums 30 GMAC/s, and no register is left for more. The factors are arguments: V8 makes constants anew at each
// use, which alone took three quarters of the rate. Fused and relaxed forms are left out, as everywhere in the fast layer.

/** Multiply-adds of a round: twelve sums of four lanes. */
const ROUND: i32 = 48

/** How many multiply-adds `multiplyAdds` does for each of its rows and rounds. */
export function multiplyAddsPerRound(): i32 {
  return ROUND
}

/**
 * `rounds` rounds of sum ← sum · factor + term for each of begin … end − 1; they stay finite for factors below 1.
 * @returns 0 for positive terms, computed from the sums, so that none is left out
 */
export function multiplyAdds(begin: i32, end: i32, rounds: i32, factor: f32, term: f32): i32 {
  const f = f32x4.splat(factor), t = f32x4.splat(term)
  let a0 = f32x4.splat(<f32>begin), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0
  let a6 = a0, a7 = a0, a8 = a0, a9 = a0, aa = a0, ab = a0
  for (let round = (end - begin) * rounds; round > 0; round--) {
    a0 = f32x4.add(f32x4.mul(a0, f), t); a1 = f32x4.add(f32x4.mul(a1, f), t); a2 = f32x4.add(f32x4.mul(a2, f), t)
    a3 = f32x4.add(f32x4.mul(a3, f), t); a4 = f32x4.add(f32x4.mul(a4, f), t); a5 = f32x4.add(f32x4.mul(a5, f), t)
    a6 = f32x4.add(f32x4.mul(a6, f), t); a7 = f32x4.add(f32x4.mul(a7, f), t); a8 = f32x4.add(f32x4.mul(a8, f), t)
    a9 = f32x4.add(f32x4.mul(a9, f), t); aa = f32x4.add(f32x4.mul(aa, f), t); ab = f32x4.add(f32x4.mul(ab, f), t)
  }
  const low = f32x4.add(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), f32x4.add(a4, a5))
  const high = f32x4.add(f32x4.add(f32x4.add(a6, a7), f32x4.add(a8, a9)), f32x4.add(aa, ab))
  return <i32>(f32x4.extract_lane(f32x4.add(low, high), 0) < 0)
}
