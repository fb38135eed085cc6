/**
 * What a reproduction is compared with: figures of an independent implementation on the same files, one seed, settings of
 * the paper, train alone masked at test; and facts counted in the files. How far off a figure may be is what another
 * implementation, or another seed, moves it.
 */

export interface Band {
  readonly expected: number
  /** how far from it is still the same */
  readonly within: number
}

export interface Checked {
  /** mean over the seeds */
  readonly value: number
  /** sample standard deviation over the seeds; absent with one */
  readonly deviation?: number
  readonly band?: Band
  /** whether the value lies in the band; true without one */
  readonly holds: boolean
}

/** Of what is fitted in closed form; by row of the table, then by metric. */
export const FITTED_BANDS: Readonly<Record<string, Readonly<Record<string, Band>>>> = {
  popularity: { 'recall@20': { expected: 0.0326, within: 0.0005 }, 'ndcg@20': { expected: 0.0146, within: 0.0005 } },
  'item-knn': { 'recall@20': { expected: 0.1518, within: 0.0005 }, 'ndcg@20': { expected: 0.1087, within: 0.0005 } },
  ease: { 'recall@20': { expected: 0.1667, within: 0.0005 }, 'ndcg@20': { expected: 0.1126, within: 0.0005 } },
  'ease, released mask': { 'ndcg@20': { expected: 0.133, within: 0.001 } },
}

/** Of what is trained, with the settings of the paper. */
export const TRAINED_BANDS: Readonly<Record<string, Readonly<Record<string, Band>>>> = {
  'lightgcn+mixgcf': {
    'recall@20': { expected: 0.1487, within: 0.004 },
    'ndcg@20': { expected: 0.0883, within: 0.003 },
  },
  'released files': { 'recall@20': { expected: 0.115, within: 0.005 }, 'ndcg@20': { expected: 0.0591, within: 0.004 } },
  'released files, released mask': {
    'recall@20': { expected: 0.1499, within: 0.006 },
    'ndcg@20': { expected: 0.0935, within: 0.005 },
  },
}

/** Facts of the released files. */
export const FACT_BANDS: Readonly<Record<string, Band>> = {
  'candidates outside valid and test': { expected: 206_386, within: 0 },
  'of them judged positive, in %': { expected: 93.8, within: 0.05 },
  'judged pairs that are held out': { expected: 0, within: 0 },
  'structural tree: shortest code': { expected: 3, within: 0 },
  'structural tree: longest code': { expected: 7, within: 0 },
  'structural tree: mean code length': { expected: 4.94, within: 0.005 },
  'structural tree: leaves': { expected: 646, within: 0 },
  'structural tree: largest leaf': { expected: 30, within: 0 },
  'structural tree: largest top branch': { expected: 3375, within: 0 },
  'semantic tree: shortest code': { expected: 3, within: 0 },
  'semantic tree: longest code': { expected: 6, within: 0 },
  'semantic tree: mean code length': { expected: 4.81, within: 0.005 },
  'semantic tree: leaves': { expected: 625, within: 0 },
  'semantic tree: largest top branch': { expected: 3258, within: 0 },
}

export function isWithin(value: number, { expected, within }: Band): boolean {
  return Math.abs(value - expected) <= within
}
