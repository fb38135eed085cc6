import { UsageError } from '../errors.ts'
import { defineJudge } from './judge.ts'
import { collectVerdicts, countOpen, llmInputs, withSession } from './llm/llm-judge.ts'
import { promptOptions } from './llm/prompt-options.ts'

/**
 * Reads what a language model answered elsewhere: prompts leave as OpenAI Batch JSONL (`judge export`, for `vllm
 * run-batch`, OpenAI, Together, Groq and others), answers come back into the ledger (`judge import`, `judge merge`).
 */
export const batch = defineJudge({
  name: 'batch',
  summary: 'Answers of a language model from OpenAI Batch files or a job folder.',
  source: 'DTL-NS, arXiv 2602.18249; differs: as `chat`',
  options: promptOptions,
  inputs: llmInputs,
  create(context, options) {
    return candidates =>
      withSession(context, options, candidates, session => {
        const open = countOpen(session)
        if (open > 0)
          throw new UsageError(
            `judge "batch": ${open} of ${session.distinct.length} prompts have no answer yet: send them with "dualtree judge export RUN", and bring the answers in with "dualtree judge import"`,
          )
        return collectVerdicts(session, candidates)
      })
  },
})
