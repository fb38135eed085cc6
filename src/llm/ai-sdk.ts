/**
 * Models of the Vercel AI SDK: any provider that it has, behind the same prompts, ledger and budgets. `ai` is an optional peer, and so
 * is the provider's package: both are looked for when they are needed. What comes back is kept as a chat completion.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LanguageModel } from 'ai'
import { messageOf, UsageError } from '../errors.ts'
import { text } from '../options.ts'
import { askingOptions } from './asking-options.ts'
import type { ChatClient } from './chat-client.ts'
import { parseJson } from './completion.ts'
import { readReply } from './replies.ts'

export const aiOptions = askingOptions.omit({ baseUrl: true, apiKeyEnv: true, header: true }).extend({
  aiProvider: text
    .optional()
    .describe(
      'provider package such as @ai-sdk/anthropic, or a file that exports one; without it the model is one of the AI Gateway',
    ),
})

/** Why a provider cannot be used. */
export function missingPackage({ aiProvider }: { readonly aiProvider?: string | undefined }): string | undefined {
  for (const name of ['ai', ...(aiProvider === undefined ? [] : [aiProvider])])
    if (locate(name) === undefined) return `the package ${name} is not installed here: run "npm install ${name}"`
  return undefined
}

/** Where a package or file lies, as seen from where the command was started. */
function locate(name: string): string | undefined {
  const file = resolve(name)
  if (/\.[cm]?[jt]s$/.test(name) && existsSync(file)) return pathToFileURL(file).href
  for (const from of [resolve('x.js'), import.meta.filename])
    try {
      return pathToFileURL(createRequire(from).resolve(name)).href
    } catch {}
  return undefined
}

/** @throws UsageError when a package is missing or has no provider */
async function openModel(provider: string | undefined, model: string): Promise<LanguageModel> {
  const missing = missingPackage({ aiProvider: provider })
  if (missing !== undefined) throw new UsageError(`judge "ai-sdk": ${missing}`)
  if (provider === undefined) return model
  const exported = Object.values((await import(locate(provider)!)) as Record<string, { languageModel?: unknown }>)
  const found = exported.find(value => typeof value?.languageModel === 'function')
  if (!found) throw new UsageError(`--ai-provider ${provider}: it exports no provider of the Vercel AI SDK`)
  return (found as { languageModel(id: string): LanguageModel }).languageModel(model)
}

interface Sent {
  readonly model: string
  readonly messages: readonly [{ content: string }, { content: string }]
  readonly temperature?: number
  readonly seed?: number
  readonly max_tokens?: number
  readonly max_completion_tokens?: number
  readonly response_format?: { readonly json_schema?: { readonly schema: Record<string, unknown> } }
}

interface Generated {
  readonly text?: string | undefined
  readonly reasoningText?: string | undefined
  readonly finishReason?: string | undefined
  readonly usage?: Partial<Record<'inputTokens' | 'outputTokens' | 'cachedInputTokens', number | undefined>> | undefined
}

/** @param model in place of the provider's, for programs that have one */
export function aiClient(
  { aiProvider, timeout }: { readonly aiProvider?: string | undefined; readonly timeout: number },
  model?: LanguageModel,
): ChatClient {
  const url = `ai-sdk:${aiProvider ?? 'gateway'}`
  return {
    urls: [url],
    async use(body) {
      const { generateText, jsonSchema, Output } = await import('ai').catch(cause => {
        throw new UsageError(`judge "ai-sdk": ${missingPackage({}) ?? messageOf(cause)}`, { cause })
      })
      const opened = new Map<string, Promise<LanguageModel>>()
      return body(async (_, text) => {
        const sent = JSON.parse(text) as Sent
        const { temperature, seed, max_tokens, max_completion_tokens: most = max_tokens } = sent
        const schema = sent.response_format?.json_schema?.schema
        const name = sent.model
        const signal = AbortSignal.timeout(timeout * 1000)
        opened.set(name, opened.get(name) ?? (model ? Promise.resolve(model) : openModel(aiProvider, name)))
        try {
          const generated = await generateText({
            model: await opened.get(name)!,
            system: sent.messages[0].content,
            prompt: sent.messages[1].content,
            maxRetries: 0,
            abortSignal: signal,
            ...(temperature !== undefined && { temperature }),
            ...(seed !== undefined && { seed }),
            ...(most !== undefined && { maxOutputTokens: most }),
            // the schema is for the provider; reading the text is our business, whatever it is
            ...(schema && {
              output: { ...Output.object({ schema: jsonSchema(schema) }), parseCompleteOutput: async () => ({}) },
            }),
          })
          return completed(generated)
        } catch (error) {
          if (error instanceof UsageError) throw error
          if (signal.aborted) return { kind: 'retry', reason: 'timeout', detail: `no answer within ${timeout} s` }
          return failed(error as Error & ApiError)
        }
      })
    },
  }
}

function completed({ text = '', reasoningText, finishReason, usage }: Generated) {
  const reason = { length: 'length', 'content-filter': 'content_filter' }[finishReason ?? ''] ?? 'stop'
  const message = { role: 'assistant', content: text, ...(reasoningText && { reasoning_content: reasoningText }) }
  const body = JSON.stringify({
    choices: [{ index: 0, message, finish_reason: reason }],
    usage: {
      prompt_tokens: usage?.inputTokens ?? 0,
      completion_tokens: usage?.outputTokens ?? 0,
      prompt_tokens_details: { cached_tokens: usage?.cachedInputTokens ?? 0 },
    },
  })
  return readReply({ status: 200, headers: {}, body })
}

interface ApiError {
  readonly statusCode?: number
  readonly responseHeaders?: Record<string, string>
  readonly responseBody?: string
}

/** The SDK's errors as what they were: a reply with a status, or nothing that was reached. */
function failed(error: Error & ApiError) {
  const { statusCode: status, responseHeaders: headers = {}, responseBody = '' } = error
  if (status !== undefined) {
    const body = parseJson(responseBody) ? responseBody : JSON.stringify({ error: { message: messageOf(error) } })
    return readReply({ status: status === 200 ? 500 : status, headers, body })
  }
  if (/APIKey|NoSuchModel|Unsupported|InvalidArgument|GatewayAuthentication/.test(error.name))
    return { kind: 'fatal', detail: messageOf(error) } as const
  return { kind: 'retry', reason: 'connection', detail: messageOf(error) } as const
}
