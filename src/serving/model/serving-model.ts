/** A loaded model, as the library, the command line and the server use it. */
import { UsageError } from '../../errors.ts'
import type { Answer, ItemInfo, RankRequest, RecommendRequest, SimilarRequest } from '../answers/schema.ts'

/** What is known of a model before it answers anything. */
export interface ModelInfo {
  /** in every answer: the method and the beginning of the folder's hash, `dtl-ns+rp3beta@3f2a9c41` */
  readonly id: string
  /** row of the run's table */
  readonly method: string
  /** what it was chosen from, where neither a caller nor a fit has named it: `the best of 8 rows on validation data` */
  readonly choice?: string
  /** `all` data, or `train` alone */
  readonly fittedOn: 'all' | 'train'
  readonly users: number
  /** that can be recommended */
  readonly items: number
  /** of them, those without interactions, placed by their attributes */
  readonly coldItems: number
  /** named in the catalogue, but with nothing to place them by */
  readonly notRecommendable: number
  /** names of the item attributes a filter may use */
  readonly attributes: readonly string[]
  readonly dataHash: string
  /** version of dualtree that made it */
  readonly version: string
  /** of approximate rankings: share of the exact best 20 items that they have, over 200 of its users */
  readonly ann?: { readonly recall: number }
  /** on validation, as the method was chosen; by name, such as recall@20 */
  readonly metrics: Readonly<Record<string, number>>
}

/**
 * Answers requests; all calls are synchronous and take no lock. A request that does not keep to its schema, or names an unknown
 * attribute, throws RequestError.
 */
export interface ServingModel {
  readonly info: ModelInfo
  recommend(request: RecommendRequest): Answer
  /** Along the requests. Each is answered as it would be alone, to the byte. */
  recommendMany(requests: readonly RecommendRequest[]): Answer[]
  /** @throws RequestError when none of the items is known */
  similar(request: SimilarRequest): Answer
  rank(request: RankRequest): Answer
  /** undefined for an item that is neither in the model nor in its catalogue */
  item(id: string | number): ItemInfo | undefined
  /** Items whose title or id has all the words, popular ones first; every item matches no words. */
  search(words: string, limit: number): ItemInfo[]
  /** The events of a user may be joined to what is known: external ids of the user's items, oldest first. */
  historyOf(user: string | number): (string | number)[] | undefined
  /** External ids of the users it knows. */
  users(): Iterable<string | number>
  /** Frees its memory; it answers nothing afterwards. */
  close(): void
}

/** A request that cannot be answered as it is. */
export class RequestError extends UsageError {
  /** path of the field, `requests.3.k`; empty for the request as a whole */
  readonly field: string
  /** `unknown-item`: every item asked about is unknown; `invalid`: anything else */
  readonly code: 'invalid' | 'unknown-item'

  constructor(field: string, message: string, code: RequestError['code'] = 'invalid') {
    super(field ? `${field}: ${message}` : message)
    this.field = field
    this.code = code
  }
}
