/**
 * A language model in this process, through `node-llama-cpp`: the only file that knows that package. It is an optional
 * peer, and a heavy one, so it is looked for when a model is opened and not before.
 */
import { existsSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf, RunError, UsageError } from '../../errors.ts'
import { parseJson } from '../../llm/completion.ts'
import type { Prompt } from '../prompt.ts'
import type { Library, Llama, Model, Sequence, Token } from './library.ts'

/** What judges need of a model. Tokens are the model's own numbers. */
export interface LocalModel {
  /** tokens that a prompt and its answer may have together */
  readonly contextTokens: number
  countTokens(text: string): number
  /** The prompt in the model's chat template, up to where its answer begins. */
  promptTokens(prompt: Prompt): Token[]
  /**
   * p(yes) / (p(yes) + p(no)) at the first token in which the two go apart. Nothing is generated, and of what was read
   * before, a common beginning is not read again.
   * @param before what the model has answered so far
   */
  choose(prompt: readonly Token[], before: string, yes: string, no: string): Promise<number>
  /**
   * The likeliest answer that a JSON Schema allows.
   * @param most tokens of the answer
   */
  write(prompt: readonly Token[], schema: object, most: number): Promise<{ text: string; truncated: boolean }>
  close(): Promise<void>
}

const PACKAGE = 'node-llama-cpp'
export const INSTALL = `npm install ${PACKAGE}`

/** Set to the folder of the package where it lies elsewhere. */
export const LIBRARY_VARIABLE = 'DUALTREE_LLAMA_CPP'

const elsewhere = () => process.env[LIBRARY_VARIABLE]
const entryOf = (folder: string) => join(resolve(folder), 'dist', 'index.js')

function isInstalled(): boolean {
  const folder = elsewhere()
  if (folder) return existsSync(entryOf(folder))
  try {
    return import.meta.resolve(PACKAGE) !== ''
  } catch {
    return false
  }
}

/** What is missing, with its remedy: the file, or the package. */
export function missingRequirement(path: string): string | undefined {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    return `--gguf-model "${path}": there is no such file; give the path of a model in GGUF format`
  if (isInstalled()) return undefined
  const where = elsewhere() ? ` in ${elsewhere()} (${LIBRARY_VARIABLE})` : ''
  return `the package ${PACKAGE} is not installed${where}: run "${INSTALL}" (about 730 MB, no compiler needed)`
}

async function loadLibrary(): Promise<Library> {
  const folder = elsewhere()
  // by a variable: nobody who builds or checks this package needs that one
  const name: string = folder ? pathToFileURL(entryOf(folder)).href : PACKAGE
  return await import(name)
}

/** One thread on one or two cores, so that the machine stays usable; else all but one. */
export function defaultThreads(cores = availableParallelism()): number {
  return cores <= 2 ? 1 : cores - 1
}

export interface OpenModelRequest {
  /** of a GGUF file */
  readonly path: string
  /** what is wished for; a model has its own limit */
  readonly contextTokens: number
  readonly threads: number
}

/** @throws UsageError when the package or the file is not there; RunError when it is no model that can be opened */
export async function openModel({ path, contextTokens, threads }: OpenModelRequest): Promise<LocalModel> {
  const reason = missingRequirement(path)
  if (reason !== undefined) throw new UsageError(`judge "gguf": ${reason}`)
  const library = await loadLibrary()
  const llama = await library.getLlama({
    gpu: 'auto',
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: 'error',
    maxThreads: threads,
    // the library says what is wrong in what it throws
    logger: () => {},
  })
  try {
    const model = await llama.loadModel({ modelPath: path })
    const size = Math.min(contextTokens, model.trainContextSize)
    const context = await model.createContext({ contextSize: size, threads })
    return createModel(library, llama, model, context.getSequence(), size)
  } catch (error) {
    await llama.dispose()
    const why = messageOf(error)
    throw new RunError(`--gguf-model "${path}" cannot be opened: ${why}; try another file or more memory`, {
      cause: error,
    })
  }
}

function createModel(
  library: Library,
  llama: Llama,
  model: Model,
  sequence: Sequence,
  contextTokens: number,
): LocalModel {
  const wrapper = library.resolveChatWrapper(model) ?? new library.GeneralChatWrapper()
  const grammars = new Map<string, ReturnType<Llama['createGrammarForJsonSchema']>>()
  /** Forgets what is not the beginning of `tokens`, and gives what is still to be read; the last token always is. */
  const remaining = async (tokens: readonly Token[]) => {
    await sequence.adaptStateToTokens(tokens.slice(0, -1), false)
    return tokens.slice(sequence.nextTokenIndex)
  }
  return {
    contextTokens,
    countTokens: text => model.tokenize(text).length,
    promptTokens({ system, user }) {
      const { contextText } = wrapper.generateContextState({
        chatHistory: [
          { type: 'system', text: system },
          { type: 'user', text: user },
          { type: 'model', response: [] },
        ],
      })
      return contextText.tokenize(model.tokenizer)
    },
    async choose(prompt, before, yes, no) {
      const [a, b] = [yes, no].map(word => model.tokenize(`${before}${word}"`))
      const apart = a.findIndex((token, at) => token !== b[at])
      const left = await remaining([...prompt, ...a.slice(0, apart)])
      const filter = { tokens: [a[apart], b[apart]] }
      const read = await sequence.controlledEvaluate([
        ...left.slice(0, -1),
        [left[left.length - 1], { generateNext: { logits: { filter } } }],
      ])
      const logits = read[left.length - 1]!.next.logits!
      return 1 / (1 + Math.exp(logits.get(b[apart])! - logits.get(a[apart])!))
    },
    async write(prompt, schema, most) {
      const key = JSON.stringify(schema)
      const grammar = grammars.get(key) ?? llama.createGrammarForJsonSchema(schema)
      grammars.set(key, grammar)
      const grammarEvaluationState = new library.LlamaGrammarEvaluationState({ model, grammar: await grammar })
      const written: Token[] = []
      const left = await remaining(prompt)
      for await (const token of sequence.evaluate(left, { temperature: 0, grammarEvaluationState })) {
        if (model.isEogToken(token)) return { text: model.detokenize(written), truncated: false }
        written.push(token)
        // the grammar allows blanks after the end, and small models write them for ever
        if (isWhole(model.detokenize(written))) return { text: model.detokenize(written), truncated: false }
        if (written.length >= most) break
      }
      return { text: model.detokenize(written), truncated: true }
    },
    close: () => llama.dispose(),
  }
}

const isWhole = (json: string) => json.trimEnd().endsWith('}') && parseJson(json) !== undefined
