/** What is drawn thousands of times over all users; random numbers are those of `random.ts`. */
export interface StatisticsKernels {
  /**
   * For each sample s, users are drawn with replacement, as many as there are, by the stream of its key: out[s] [C] is the sum of their rows of
   * `table` [users × C], in f64 and in the order of drawing. C is a multiple of 4.
   * @param keys [samples × 2]
   */
  resampleSums(keys: Int32Array, table: Float64Array, columns: number, out: Float64Array): void
  /**
   * For how many keys |Σ ±v| ≥ bound, the sign of value 32 w + b being bit b of word w of the key's stream; in f64, in order.
   * @param keys [permutations × 2]
   */
  countFlips(keys: Int32Array, values: Float64Array, bound: number): number
}
