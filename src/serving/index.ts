/** What serves, without what trains: `import { openModel } from 'dualtree/serve'`. */
export { DataError, UsageError } from '../errors.ts'
export { type OpenOptions, openModel } from './open-model.ts'
export { parseRequest } from './request.ts'
export type { Answer, ItemInfo, RankRequest, RecommendRequest, SimilarRequest } from './schema.ts'
export * as schemas from './schema.ts'
export { type ModelInfo, RequestError, type ServingModel } from './serving-model.ts'
