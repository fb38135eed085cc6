/** The cases of an audit as columns, a row a case, without the places that hold none. */
import { gather } from '../dataset/csr.ts'
import type { PlantedCases } from '../dataset/splits/planted-cases.ts'
import { filledPlaces } from '../places.ts'

export interface CaseRows {
  /** where each stands in the table of cases */
  readonly places: Int32Array
  readonly users: Int32Array
  readonly items: Int32Array
  /** PLANTED or UNOBSERVED */
  readonly truth: Int8Array
}

export function rowsOf({ k, items, truth }: PlantedCases): CaseRows {
  const places = filledPlaces(items)
  return {
    places,
    users: places.map(place => Math.floor(place / k)),
    items: gather(items, places, Int32Array),
    truth: Int8Array.from(places, place => truth[place]),
  }
}

/** The rows whose place `keep` wants. */
export function pick({ places, users, items, truth }: CaseRows, keep: (place: number) => boolean): CaseRows {
  const wanted = (_: number, at: number) => keep(places[at])
  return {
    places: places.filter(keep),
    users: users.filter(wanted),
    items: items.filter(wanted),
    truth: truth.filter(wanted),
  }
}
