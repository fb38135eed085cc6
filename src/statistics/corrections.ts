/** p values corrected for how many there are in one table. */

/**
 * Adjusted so that those at most α keep the chance of any false finding below α.
 * @param values p values in any order; the result is along them
 * @source Holm: "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979)
 */
export function holm(values: readonly number[]): number[] {
  const adjusted = [...values]
  let largest = 0
  ascending(values).forEach((at, rank) => {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * values[at]))
    adjusted[at] = largest
  })
  return adjusted
}

/**
 * Adjusted so that of those at most α a share of α is expected to be false (the false discovery rate).
 * @param values p values in any order; the result is along them
 * @source Benjamini & Hochberg: "Controlling the false discovery rate", Journal of the Royal Statistical Society B 57 (1995)
 */
export function benjaminiHochberg(values: readonly number[]): number[] {
  const adjusted = [...values]
  let least = 1
  ascending(values)
    .map((at, rank) => ({ at, rank: rank + 1 }))
    .reverse()
    .forEach(({ at, rank }) => {
      least = Math.min(least, (values.length * values[at]) / rank)
      adjusted[at] = least
    })
  return adjusted
}

function ascending(values: readonly number[]): number[] {
  return Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b)
}
