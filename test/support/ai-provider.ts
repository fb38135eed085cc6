/** A provider of the AI SDK whose model judges by the rule that the prompt states. */
import { customProvider } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import { answerTo } from './chat-server.ts'

type Generate = MockLanguageModelV3['doGenerate']
export type Generated = Awaited<ReturnType<Generate>>

export const usage: Generated['usage'] = {
  inputTokens: { total: 100, noCache: 60, cacheRead: 40, cacheWrite: 0 },
  outputTokens: { total: 20, text: 20, reasoning: 0 },
}

/** @param instead what the n-th call gives, in place of the right answer */
export function ruleModel(instead: (call: number) => Partial<Generated> | Error | undefined = () => undefined) {
  let calls = 0
  return new MockLanguageModelV3({
    async doGenerate({ prompt }) {
      const [{ text }] = prompt[1].content as unknown as [{ text: string }]
      const other = instead(calls++)
      if (other instanceof Error) throw other
      const content: Generated['content'] = [{ type: 'text', text: answerTo(text, 2).text }]
      return { content, finishReason: { unified: 'stop', raw: 'stop' }, usage, warnings: [], ...other }
    },
  })
}

export const rules = customProvider({ languageModels: { tiny: ruleModel() } })
