/** What serves, without what trains: `import { openModel } from 'dualtree/serve'`. */
export { DataError, UsageError } from '../errors.ts'
export { parseRequest } from './answers/request.ts'
export type { Answer, ItemInfo, RankRequest, RecommendRequest, SimilarRequest } from './answers/schema.ts'
export * as schemas from './answers/schema.ts'
export { type OpenOptions, openModel } from './model/open-model.ts'
export { type ModelInfo, RequestError, type ServingModel } from './model/serving-model.ts'
