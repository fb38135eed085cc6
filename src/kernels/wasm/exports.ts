// Made by scripts/build-kernels.ts from the exports of src/kernels/assembly: change those, then build.

/** Arguments of the exports that work on rows `begin` to `end`, after those two. */
export interface RowExports {
  adagradRows: [rows: number, columns: number, parameter: number, gradient: number, sums: number, epsilon: number, learningRate: number]
  gram: [table: number, block: number, rows: number, width: number, out: number]
  rotateColumns: [block: number, factors: number, width: number, out: number]
  columnDots: [block: number, rows: number, width: number, column: number, count: number, out: number]
  addColumns: [block: number, width: number, column: number, factors: number]
  columnResiduals: [block: number, table: number, rows: number, width: number, values: number, count: number, out: number]
  narrow: [from: number, to: number]
  widen: [from: number, to: number]
  chebyshevStep: [product: number, current: number, out: number, centre: number, half: number, first: number]
  multiplyAdds: [rounds: number, factor: number, term: number]
  packSweepPanels: [matrix: number, stride: number, n: number, from: number, first: number, count: number, w: number]
  storeSweepPanels: [matrix: number, stride: number, n: number, from: number, first: number, count: number, v: number]
  multiplySweepPanels: [first: number, count: number, w: number, inverse: number, v: number]
  subtractSweepPanels: [base: number, matrix: number, stride: number, n: number, from: number, to: number, first: number, count: number, depth: number, w: number, v: number, tile: number]
  mirrorNegated: [matrix: number, n: number]
  recoverRows: [base: number, matrix: number, n: number, stride: number, left: number, count: number, pivots: number, pivotCount: number, offsets: number, indices: number, factors: number, table: number]
  fuseLists: [items: number, k: number, depth: number, firstItems: number, firstScores: number, firstWeight: number, secondItems: number, secondScores: number, secondWeight: number, tieRank: number, wanted: number, itemsOut: number, scoresOut: number, scratch: number]
  improveRows: [x: number, y: number, offsets: number, indices: number, values: number, gram: number, ridges: number, dimensions: number, steps: number, scratch: number]
  spmm: [offsets: number, indices: number, values: number, x: number, y: number, columns: number, add: number]
  spmmLive: [offsets: number, indices: number, values: number, x: number, y: number, columns: number, add: number, wanted: number, live: number, liveAdd: number, scratch: number]
  lastHop: [offsets: number, indices: number, values: number, hop: number, hops: number, columns: number, pooled: number, wanted: number, rows: number]
  meanOfTables: [first: number, tables: number, length: number, out: number]
  copyRows: [rows: number, source: number, target: number, columns: number]
  adam: [parameter: number, gradient: number, first: number, second: number, beta1: number, beta2: number, epsilon: number, stepSize: number, rootScale: number]
  adamRows: [rows: number, columns: number, parameter: number, gradient: number, first: number, second: number, beta1: number, beta2: number, epsilon: number, stepSize: number, rootScale: number]
  listSoftmax: [offsets: number, features: number, width: number, positive: number, theta: number, scores: number, losses: number, gradients: number]
  countNeighbors: [userOffsets: number, userIndices: number, itemOffsets: number, itemIndices: number, items: number, bitmap: number, sizes: number]
  fillNeighbors: [userOffsets: number, userIndices: number, itemOffsets: number, itemIndices: number, items: number, scratch: number, kind: number, shrinkage: number, leave: number, step: number, hold: number, ranks: number, first: number, outOffsets: number, outIndices: number, outValues: number, sizes: number]
  inverseRootSums: [offsets: number, values: number, scale: number]
  scaleBothSides: [offsets: number, indices: number, values: number, scale: number]
  sumSparseRows: [chosenOffsets: number, chosenIndices: number, chosenValues: number, offsets: number, indices: number, values: number, columns: number, out: number]
  countOrdered: [offsets: number, sequenceItems: number, itemOffsets: number, entries: number, sequences: number, items: number, window: number, bitmap: number, sizes: number]
  fillOrdered: [offsets: number, sequenceItems: number, itemOffsets: number, entries: number, sequences: number, items: number, window: number, scratch: number, times: number, nearness: number, backward: number, leave: number, hold: number, shrinkage: number, ranks: number, outOffsets: number, outIndices: number, outValues: number]
  scorePairs: [users: number, positives: number, perPositive: number, pooledUsers: number, pooledItems: number, itemTable: number, tableStride: number, dimensions: number, hops: number, pickedHops: number, picked: number, mix: number, positive: number, negative: number]
  bpr: [batchSize: number, perPositive: number, pickedHops: number, picked: number, weights: number, positive: number, negative: number, positiveOut: number, negativeOut: number, loss: number]
  crossEntropy: [batchSize: number, perPositive: number, pickedHops: number, picked: number, weights: number, positive: number, negative: number, positiveOut: number, negativeOut: number, loss: number]
  userGradients: [positives: number, perPositive: number, pooledItems: number, itemTable: number, tableStride: number, dimensions: number, hops: number, pickedHops: number, picked: number, mix: number, positive: number, negative: number, out: number]
  addPenalties: [users: number, positives: number, perPositive: number, userCount: number, table: number, dimensions: number, hops: number, pickedHops: number, picked: number, mix: number, halfLambda: number, loss: number]
  multiply: [a: number, rowStep: number, step: number, b: number, c: number, inner: number, columns: number, accumulate: number]
  multiplySparse: [a: number, rowStep: number, step: number, b: number, c: number, inner: number, columns: number]
  packItems: [vectors: number, items: number, dimensions: number, packed: number]
  topKByVectors: [users: number, userVectors: number, packed: number, items: number, dimensions: number, offsets: number, indices: number, tieRank: number, k: number, scratch: number, itemsOut: number, scoresOut: number]
  scoreByVectors: [userVectors: number, packed: number, items: number, dimensions: number, scratch: number, out: number]
  topKByScores: [users: number, scores: number, items: number, offsets: number, indices: number, tieRank: number, k: number, itemsOut: number, scoresOut: number]
  drawUniforms: [k0: number, k1: number, epoch: number, batch: number, perSample: number, out: number]
  addNoise: [k0: number, k1: number, epoch: number, batch: number, columns: number, x: number, epsilon: number]
  drawItems: [k0: number, k1: number, epoch: number, batch: number, users: number, offsets: number, indices: number, items: number, draws: number, out: number]
  scoreCandidates: [users: number, perPositive: number, userVectors: number, itemTable: number, tableStride: number, dimensions: number, hops: number, candidates: number, perSlot: number, out: number]
  mixScores: [users: number, positives: number, perPositive: number, userVectors: number, itemTable: number, tableStride: number, dimensions: number, hops: number, mix: number, perSlot: number, scores: number]
  minMaxRows: [perSlot: number, scores: number]
  addCodeSimilarity: [codes: number, depth: number, weight: number, positives: number, perPositive: number, candidates: number, perSlot: number, hops: number, scores: number]
  pickLargest: [candidates: number, scores: number, hops: number, perSlot: number, out: number]
  scatterGradients: [size: number, users: number, perPositive: number, userCount: number, rows: number, offsets: number, entries: number, pooledUsers: number, dimensions: number, hops: number, pickedHops: number, mix: number, positive: number, negative: number, userGradient: number, hop: number, out: number]
  scatterRegularization: [size: number, positives: number, perPositive: number, userCount: number, rows: number, offsets: number, entries: number, table: number, dimensions: number, hops: number, pickedHops: number, picked: number, mix: number, scale: number, out: number]
  penalizeRows: [table: number, columns: number, lambda: number, kept: number, out: number, squares: number]
  sharedSoftmax: [batchSize: number, users: number, positives: number, weights: number, perPositive: number, pickedHops: number, picked: number, pool: number, width: number, poolItems: number, counts: number, heads: number, next: number, offsets: number, indices: number, scale: number, positive: number, negative: number, positiveOut: number, negativeOut: number, loss: number]
  gaussianRows: [x: number, columns: number, count: number, scale: number, sums: number]
  sigmoidAll: [x: number]
  resampleSums: [keys: number, users: number, table: number, columns: number, out: number, drawn: number]
  countFlips: [keys: number, values: number, count: number, bound: number, words: number]
  sumStrassenPanels: [squares: number, pivots: number, first: number, second: number, left: number, sums: number]
  subtractStrassen: [matrix: number, stride: number, n: number, squares: number, pivots: number, v1: number, v2: number, vs: number, w1: number, w2: number, ws: number, tile: number]
  topKBySums: [chosenOffsets: number, chosenIndices: number, chosenValues: number, offsets: number, indices: number, values: number, columns: number, users: number, seenOffsets: number, seenIndices: number, tieRank: number, k: number, itemsOut: number, scoresOut: number, scratch: number]
  assignToCentroids: [points: number, centroids: number, k: number, dimensions: number, nearest: number, distances: number]
  moveCentroids: [points: number, labels: number, count: number, dimensions: number, k: number, sums: number, sizes: number, centroids: number]
  longestSharedPrefix: [codes: number, depth: number, offsets: number, indices: number, users: number, candidates: number, perUser: number, out: number]
  updateNodes: [from: number, size: number, users: number, perPositive: number, rows: number, offsets: number, entries: number, table: number, dimensions: number, positive: number, negative: number, userGradient: number, scale: number, squares: number, first: number, second: number, beta1: number, beta2: number, epsilon: number, stepSize: number, rootScale: number, scratch: number]
  gatherRows: [table: number, columns: number, rows: number, out: number]
  gatherNegatives: [positives: number, perPositive: number, pooledItems: number, itemTable: number, tableStride: number, dimensions: number, hops: number, pickedHops: number, picked: number, mix: number, out: number]
  scatterRows: [count: number, values: number, columns: number, rows: number, out: number, scale: number, weights: number]
  dotRows: [a: number, b: number, perRow: number, columns: number, out: number]
  dotRowsBack: [a: number, b: number, derivatives: number, perRow: number, columns: number, toA: number, toB: number]
  transpose: [x: number, rows: number, columns: number, out: number]
  normalizeRows: [x: number, columns: number, out: number, norms: number]
  normalizeRowsBack: [unit: number, norms: number, columns: number, gradient: number]
}

/** The exports that are called once. */
export interface WholeExports {
  multiplyAddsPerRound(): number
  sweepBlockSize(): number
  sweepPivotBlock(matrix: number, stride: number, first: number, count: number, block: number, row: number, inverse: number): number
  recoveredColumns(): number
  recoverPivot(w: number, matrix: number, stride: number, pivots: number, pivotCount: number, inverses: number, offsets: number, indices: number, factors: number): void
  fuseScratchBytes(items: number, k: number): number
  liveScratchBytes(): number
  sumRow(first: number, last: number, indices: number, values: number, x: number, columns: number, out: number, plus: number): void
  lineUp(bytes: number): number
  countScratchBytes(items: number): number
  fillScratchBytes(items: number): number
  takeMarks(bitmap: number, items: number): number
  mark(bitmap: number, item: number): void
  inOrder(items: number, count: number, bitmap: number, words: number): void
  keepLargest(items: number, values: number, count: number, outItems: number, outValues: number, room: number, ranks: number): void
  rankingScratchBytes(): number
  hideSeen(user: number, from: number, width: number, offsets: number, indices: number, scores: number): void
  offer(row: number, from: number, width: number, scores: number, k: number, filled: number, tieRank: number, itemsOut: number, scoresOut: number): number
  finish(row: number, k: number, filled: number, tieRank: number, itemsOut: number, scoresOut: number): void
  listOf(lists: number, row: number, k: number): number
  shuffle(values: number, length: number, k0: number, k1: number): void
  groupByNode(size: number, users: number, positives: number, perPositive: number, userCount: number, pickedHops: number, picked: number, shared: number, sharedCount: number, marks: number, position: number, rows: number, offsets: number, entries: number, previous: number): number
  log(x: number): number
  strassenSide(): number
  strassenBytes(squares: number): number
  sumScratchBytes(items: number): number
  centroidScratchBytes(k: number): number
}
