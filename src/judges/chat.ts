import { askingOptions } from '../llm/asking-options.ts'
import { defineJudge } from './judge.ts'
import { askingRule } from './llm/asking.ts'
import { llmInputs } from './llm/llm-judge.ts'
import { promptOptions } from './llm/prompt-options.ts'

/**
 * Asks a language model behind any server that speaks OpenAI's chat completions: vLLM, llama.cpp, Ollama, OpenAI and
 * others. Answers are kept in a ledger under the context's folder and asked for once; what is there already costs
 * nothing. Cost: a prompt a user (`user`, `compact`) or a candidate (`pair`).
 */
export const chat = defineJudge({
  name: 'chat',
  summary: 'Language model behind any server with the OpenAI chat-completions API.',
  source:
    'DTL-NS, arXiv 2602.18249; differs: own prompt, many candidates per prompt, unreadable answers are no negatives',
  options: promptOptions,
  runtime: askingOptions,
  inputs: llmInputs,
  unsupportedReason: (_options, { baseUrl }) =>
    baseUrl.length === 0
      ? 'nobody to ask: give --base-url, such as http://localhost:8000/v1 (or judge with "batch" what the ledger holds)'
      : undefined,
  create: (context, prompt, options) => askingRule(context, prompt, { options }),
})
