import { z } from 'zod'
import { choice, integer, text } from '../../options.ts'
import { promptOptions } from '../llm/prompt-options.ts'

export const ggufOptions = z.object({
  ggufModel: text.describe('model file in GGUF format; run in this process'),
  mode: promptOptions.shape.mode,
  contextTokens: promptOptions.shape.contextTokens,
  ggufAnswer: choice(['score', 'write']).describe(
    'how it answers; score: the probabilities of the labels are read in one pass, nothing is written; write: the model writes JSON under a grammar, without a confidence',
  ),
})

export type GgufOptions = z.output<typeof ggufOptions>

/** How the model is run; none of it is meant to change a verdict. */
export const ggufRuntime = z.object({
  ggufThreads: integer(0, 1024, 'threads')
    .default(0)
    .describe('threads of the language model; 0: one on one or two cores, else all but one'),
})
