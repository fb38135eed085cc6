/** What others have published on the very splits, by data set. */
import type { Method } from './measure.ts'

export interface Published {
  readonly name: string
  /** along the leaderboard's metrics */
  readonly values: readonly number[]
  /** how our row is made, where there is one */
  readonly ours?: Method
  /** too long for the rows that are made by default */
  readonly long?: boolean
}

/** A share of what is published within which a row is the same. */
export const BAND = 0.015

const AUTHORS = { dimensions: 64 }
/** Its authors' code of March 2020 draws users alike. */
const LIGHTGCN = {
  model: { part: 'lightgcn', options: { ...AUTHORS, layers: 3 } },
  objective: { part: 'bpr' },
  training: { batchSize: 2048, learningRate: 0.001, regularization: 0.0001, negatives: 1, positives: 'by-user' },
} as const
/** Negatives that a batch shares cost a matrix product in place of rows gathered for every positive, and estimate the same mean. */
const CCL = { cosineMargin: 0.9, negativeWeight: 150, userDropout: 0.1, sharedNegatives: 2000, observedNegatives: true }
const SHARED = {
  batchSize: 256,
  learningRate: 0.0001,
  maxGradientNorm: 10,
  initialDeviation: 0.0001,
  regularization: 1e-8,
  regularized: 'all',
  negatives: 1,
  rankBy: 'cosine',
} as const
const sharedNote = (theirs: string) =>
  `theirs: ${theirs} negatives per positive; ours: 2,000 shared by a batch; epochs and rates of BARS' log, which were chosen on test`

/** Recall@20 and NDCG@20 over all users with test, train masked: BARS, and the papers named. */
export const GOWALLA: readonly Published[] = [
  {
    name: 'ItemCF',
    values: [0.157, 0.1214],
    ours: { name: 'item-knn, normalized', baseline: 'item-knn', options: { neighbors: 100, normalize: true } },
  },
  {
    name: 'MF-BPR',
    values: [0.1627, 0.1378],
    ours: {
      name: 'mf, bpr',
      note: 'theirs: 300 negatives per positive, batches of 256, a learning rate of .001, and the epoch by Recall@20 on test; ours: 8, batches of 1024, .002, and the epoch by validation',
      model: { part: 'mf', options: AUTHORS },
      objective: { part: 'bpr', options: { pairLosses: 'mean' } },
      training: {
        ...{ learningRateDrops: 1, validateEvery: 2, patience: 2, epochs: 200 },
        ...{ batchSize: 1024, learningRate: 0.002, negatives: 8, regularization: 1e-7, regularized: 'all' },
      },
      course: 'by validation',
    },
  },
  { name: 'SLIM', values: [0.1699, 0.1382] },
  {
    name: 'EASE',
    values: [0.17649, 0.14666],
    ours: { name: 'ease, λ = 80', baseline: 'ease', options: { regularization: 80, maxItems: 60_000 } },
  },
  {
    name: 'LightGCN after 5 epochs',
    values: [0.10711, 0.08941],
    ours: {
      name: 'lightgcn, epochs 0 to 5',
      note: 'theirs, of March 2020: epochs count from 0, users are drawn alike, and ranks are by the sigmoid in single precision; loss .1128',
      ...LIGHTGCN,
      course: { bestEpoch: 6, drops: [] },
    },
  },
  {
    name: 'LightGCN',
    values: [0.1824, 0.1547],
    long: true,
    ours: {
      name: 'lightgcn',
      note: 'theirs: one negative per positive, batches of 2048, a learning rate of .001, 1,000 epochs; ours: the mean over 8, batches of 32,768, .02, and .002 in the last 45 of 155 epochs, as validation chose',
      model: LIGHTGCN.model,
      objective: { part: 'bpr', options: { pairLosses: 'mean' } },
      training: { ...LIGHTGCN.training, batchSize: 32_768, learningRate: 0.02, negatives: 8 },
      course: { bestEpoch: 155, drops: [110] },
    },
  },
  {
    name: 'MF-CCL',
    values: [0.1837, 0.1493],
    long: true,
    ours: {
      name: 'mf, ccl',
      note: sharedNote('800'),
      model: { part: 'mf', options: AUTHORS },
      objective: { part: 'ccl', options: CCL },
      training: SHARED,
      course: { bestEpoch: 36, drops: [18, 28] },
    },
  },
  { name: 'GF-CF', values: [0.1849, 0.1518], ours: { name: 'gf-cf', baseline: 'gf-cf', options: {} } },
  {
    name: 'UltraGCN',
    values: [0.1862, 0.158],
    long: true,
    ours: {
      name: 'mf, ultragcn',
      note: 'theirs: 1,500 negatives per positive, batches of 512, a learning rate of .0001; ours: 64, batches of 1024, .003, and .0003 in the last 10 of 45 epochs, as validation chose',
      model: { part: 'mf', options: AUTHORS },
      objective: { part: 'ultragcn' },
      training: {
        ...{ batchSize: 1024, learningRate: 0.003, negatives: 64 },
        ...{ regularization: 2e-7, regularized: 'all' },
      },
      course: { bestEpoch: 45, drops: [35] },
    },
  },
  {
    name: 'SimpleX',
    values: [0.1872, 0.1557],
    long: true,
    ours: {
      name: 'simplex',
      note: `${sharedNote('2,000')}; theirs weighs the history by attention`,
      model: { part: 'simplex', options: { ...AUTHORS, ownShare: 0.8, historyVectors: 'own', pooling: 'sum' } },
      objective: { part: 'ccl', options: { ...CCL, negativeWeight: 250 } },
      training: { ...SHARED, regularization: 1e-7 },
      course: { bestEpoch: 36, drops: [13, 34] },
    },
  },
]

/** Leave-one-out, all items ranked: Recall@5, NDCG@5, Recall@10, NDCG@10; data sets by their numbers of users. */
export const NEXT_ITEM: Readonly<Record<number, { readonly name: string; readonly rows: readonly Published[] }>> = {
  22363: {
    name: 'Beauty',
    rows: [
      { name: 'SASRec', values: [0.0387, 0.0249, 0.0605, 0.0318] },
      { name: 'S³-Rec', values: [0.0387, 0.0244, 0.0647, 0.0327] },
      { name: 'TIGER', values: [0.0454, 0.0321, 0.0648, 0.0384] },
      { name: 'ActionPiece', values: [0.0511, 0.034, 0.0775, 0.0424] },
    ],
  },
  35598: {
    name: 'Sports and Outdoors',
    rows: [
      { name: 'TIGER', values: [0.0264, 0.0181, 0.04, 0.0225] },
      { name: 'ActionPiece', values: [0.0316, 0.0205, 0.05, 0.0264] },
    ],
  },
}

/** Our rows beside those: neighbours that are fitted in seconds, their options chosen on validation. */
export const NEXT_ITEM_OURS: readonly Method[] = [
  { name: 'popularity', baseline: 'popularity', options: {} },
  { name: 'item-knn', baseline: 'item-knn', options: {} },
  { name: 'ease with decay', baseline: 'ease', options: { decay: 0.8 } },
  { name: 'rp3beta', baseline: 'rp3beta', options: { neighbors: 1000 }, search: true },
  { name: 'ordered-walk', baseline: 'ordered-walk', options: {}, search: true },
]
