// The module of the fast layer: every export works on a range of rows, so that a pool can share one call out.
// Pointers are byte offsets into the one shared memory; sizes count elements.
export * from './ceiling'
export * from './dense'
export * from './linear'
export * from './neighbors'
export * from './pairs'
export * from './product'
export * from './ranking'
export * from './sampling'
export * from './scatter'
export * from './softmax'
export * from './trees'
export * from './vectors'
