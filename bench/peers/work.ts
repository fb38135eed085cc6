/** What is compared with whom. */

/** Places of the lists that are judged. */
export const K = 20

/** NDCG@20 on validation that both sides train until, where it is the time to a quality that is compared. */
export const QUALITY = 0.045

export type Work = 'bpr' | 'bpr-quality' | 'lightgcn' | 'ials' | 'item-knn' | 'recommend' | 'ease'

export interface PeerOutcome {
  /** of processor time: an epoch, a pass, a fit, a ranking of all users, or all epochs until `QUALITY` */
  readonly seconds: number
  /** [U × K], −1 for none */
  readonly lists?: Int32Array
}

export interface Row {
  readonly work: Work
  readonly title: string
  readonly peer: string
}

export const rows: readonly Row[] = [
  { work: 'bpr', title: 'BPR-MF, 64 dimensions: an epoch', peer: 'implicit' },
  { work: 'bpr', title: 'BPR-MF, 64 dimensions: an epoch', peer: 'cornac' },
  { work: 'bpr-quality', title: `BPR-MF, 64 dimensions: until NDCG@20 is ${QUALITY}`, peer: 'implicit' },
  { work: 'lightgcn', title: 'LightGCN, 64 dimensions, 3 layers: an epoch', peer: 'recbole' },
  { work: 'ials', title: 'iALS, 64 dimensions: a pass', peer: 'implicit' },
  { work: 'ials', title: 'iALS, 64 dimensions: a pass', peer: 'lenskit' },
  { work: 'item-knn', title: 'item neighbours, the nearest 20: the fit', peer: 'implicit' },
  { work: 'item-knn', title: 'item neighbours, the nearest 20: the fit', peer: 'lenskit' },
  { work: 'recommend', title: 'item neighbours: 20 items for every user', peer: 'implicit' },
  { work: 'ease', title: 'EASE: the fit', peer: 'openblas' },
  { work: 'ease', title: 'EASE: the fit', peer: 'rectools' },
]

/** One row as it was measured: processor seconds of each round, and the NDCG@20 of its lists on validation, where it has lists. */
export interface PeerResult extends Row {
  readonly version: string
  readonly own: Side
  readonly other: Side
}

export interface Side {
  readonly seconds: readonly number[]
  readonly ndcg?: number
}
