import type { LanguageModel } from 'ai'
import { z } from 'zod'
import { aiClient, aiOptions, missingPackage } from '../llm/ai-sdk.ts'
import { askingOptions } from '../llm/asking-options.ts'
import { text } from '../options.ts'
import { checkRequest } from '../requests.ts'
import { defineJudge } from './judge.ts'
import { askingRule } from './llm/asking.ts'
import { llmInputs } from './llm/llm-judge.ts'
import { promptOptions } from './llm/prompt-options.ts'

const isModel = (model: unknown) => typeof (model as { doGenerate?: unknown } | null)?.doGenerate === 'function'
const FIELDS = {
  model: z.union([text, z.custom(isModel)], 'expected a language model of the AI SDK, or its id').optional(),
}

/**
 * Asks any language model of the Vercel AI SDK, such as those of Anthropic, Google, Amazon Bedrock and Mistral, with the prompts, the
 * ledger and the budgets of `chat`. Keys come from the variables that the provider knows.
 * @param model in place of `aiProvider` and `llmModel`, which then only names it
 * @throws UsageError for what is no model
 */
export function aiSdkJudge(model?: LanguageModel) {
  checkRequest('aiSdkJudge', FIELDS, { model })
  return defineJudge({
    name: 'ai-sdk',
    summary: 'Any language model of the Vercel AI SDK (npm install ai, and a provider).',
    source: 'DTL-NS, arXiv 2602.18249; differs: as `chat`',
    options: promptOptions,
    runtime: aiOptions,
    inputs: llmInputs,
    unsupportedReason: (_options, runtime) => (model ? undefined : missingPackage(runtime)),
    create(context, options, runtime) {
      const asking = askingOptions.parse({ ...runtime, aiProvider: undefined })
      return askingRule(context, options, { options: asking, client: aiClient(runtime, model) })
    },
  })
}

export const aiSdk = aiSdkJudge()
