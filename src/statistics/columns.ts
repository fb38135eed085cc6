/** Means and standard deviations of the columns of a table [rows × columns]; zeros without rows. */
export function momentsOf(values: Float32Array, columns: number) {
  const rows = Math.max(1, values.length / columns)
  const [means, deviations] = [new Float64Array(columns), new Float64Array(columns)]
  for (let at = 0; at < values.length; ) for (let f = 0; f < columns; f++, at++) means[f] += values[at]
  for (let f = 0; f < columns; f++) means[f] /= rows
  for (let at = 0; at < values.length; )
    for (let f = 0; f < columns; f++, at++) deviations[f] += (values[at] - means[f]) ** 2
  for (let f = 0; f < columns; f++) deviations[f] = Math.sqrt(deviations[f] / rows)
  return { means, deviations }
}
