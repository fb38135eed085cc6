/**
 * The part of node-llama-cpp 3 that is used, as types of our own: the package need not be there to check this one.
 * @source node-llama-cpp.withcat.ai/api
 */

export type Token = number

export interface Library {
  getLlama(options: {
    gpu: 'auto' | false
    build: 'never'
    skipDownload: boolean
    progressLogs: boolean
    logLevel: 'error'
    maxThreads: number
    logger(level: string, message: string): void
  }): Promise<Llama>
  /** undefined or null when the file says nothing of a chat template */
  resolveChatWrapper(model: Model): ChatWrapper | null | undefined
  readonly GeneralChatWrapper: new () => ChatWrapper
  readonly LlamaGrammarEvaluationState: new (options: { model: Model; grammar: Grammar }) => GrammarState
}

export interface Llama {
  loadModel(options: { modelPath: string }): Promise<Model>
  createGrammarForJsonSchema(schema: object): Promise<Grammar>
  dispose(): Promise<void>
}

export interface Model {
  readonly trainContextSize: number
  readonly tokenizer: unknown
  createContext(options: { contextSize: number; threads: number }): Promise<{ getSequence(): Sequence }>
  tokenize(text: string): Token[]
  detokenize(tokens: readonly Token[]): string
  isEogToken(token: Token): boolean
}

export interface Sequence {
  /** tokens that have been read */
  readonly nextTokenIndex: number
  adaptStateToTokens(tokens: readonly Token[], allowShift: boolean): Promise<void>
  controlledEvaluate(
    input: (Token | [Token, { generateNext: { logits: { filter: { tokens: readonly Token[] } } } }])[],
  ): Promise<(undefined | { next: { logits?: Map<Token, number> } })[]>
  evaluate(
    tokens: readonly Token[],
    options: { temperature: 0; grammarEvaluationState: GrammarState },
  ): AsyncGenerator<Token>
}

interface ChatWrapper {
  generateContextState(options: {
    chatHistory: readonly ({ type: 'system' | 'user'; text: string } | { type: 'model'; response: readonly string[] })[]
  }): { contextText: { tokenize(tokenizer: unknown): Token[] } }
}

type Grammar = { readonly grammar?: unknown }
type GrammarState = { readonly state?: unknown }
