/** Places in arrays, as typed arrays; by loops, as `Int32Array.from` with a function takes fifty times as long. */

/** 0, 1, …, below a length. */
export function ascending(length: number): Int32Array {
  const places = new Int32Array(length)
  for (let place = 0; place < length; place++) places[place] = place
  return places
}

/** The places below a length for which `test` holds, ascending. */
export function placesWhere(length: number, test: (place: number) => boolean): Int32Array {
  const places = new Int32Array(length)
  let kept = 0
  for (let place = 0; place < length; place++) if (test(place)) places[kept++] = place
  return places.subarray(0, kept)
}

/** The places of a value, ascending: of a column that is asked for several, faster than `placesWhere`, which calls a function for each. */
export function placesOf(values: Uint8Array, wanted: number): Int32Array {
  const places = new Int32Array(values.length)
  let kept = 0
  for (let place = 0; place < values.length; place++) if (values[place] === wanted) places[kept++] = place
  return places.subarray(0, kept)
}

/** Places of a padded table that hold an item. */
export function filledPlaces(items: Int32Array): Int32Array {
  return placesWhere(items.length, place => items[place] >= 0)
}
