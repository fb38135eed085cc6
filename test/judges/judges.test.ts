import { join } from 'node:path'
import { expect, it } from 'vitest'
import { judges } from '../../src/judges/index.ts'
import { writeVerdicts } from '../../src/judges/verdict-file.ts'
import { type Expectations, judgeContract, type Setup } from '../contracts/judge.ts'
import { sharedDirectory, temporaryDirectory } from '../support/directory.ts'
import { startChatServer } from '../support/serving.ts'

/** Options of prompts show in what is asked, which `chat.test.ts` looks at. */
const PROMPT_OPTIONS = {
  test: 'every option does something',
  reason: 'chat.test.ts sees what each changes in a prompt',
}

const directory = sharedDirectory()

async function asChat(): Promise<Setup> {
  const { url } = await startChatServer()
  return { options: { llmModel: 'tiny' }, runtime: { baseUrl: [url] } }
}

/** What a judge needs, and which values of its options are tried; one that is not named here needs nothing. */
const expectations: Record<string, Expectations> = {
  prefix: { changes: { minPrefix: 4, views: 'semantic', flips: 0.3 } },
  community: { changes: { minShare: 0.6, rounds: 1 } },
  learned: {
    changes: { evidence: ['popularity'], minConfidence: 0.7, consult: 'random' },
    skip: [
      {
        test: 'the same verdicts again, and from the reference kernels',
        reason: 'its features are sums in f32: learned.test.ts has how near both are',
      },
    ],
  },
  chat: { setup: asChat, changes: { mode: 'pair', logprobs: true }, skip: [PROMPT_OPTIONS] },
  'ai-sdk': {
    setup: async () => ({ options: { llmModel: 'tiny' }, runtime: { aiProvider: 'test/support/ai-provider.ts' } }),
    changes: { mode: 'pair' },
    skip: [PROMPT_OPTIONS],
  },
  batch: {
    async setup(context, candidates) {
      const { options = {}, runtime } = await asChat()
      const folder = await temporaryDirectory()
      await judges
        .get('chat')
        .create({ ...context, folder }, options, runtime)
        .judge(candidates)
      return { options, folder }
    },
    skip: [
      PROMPT_OPTIONS,
      { test: 'a verdict does not hang on the other candidates', reason: 'other candidates are another prompt' },
    ],
  },
  // asked about forty users, a model on two cores would take minutes
  gguf: {
    setup: async () => ({ options: { ggufModel: 'none.gguf' } }),
    skip: [
      'a label and a confidence for every place',
      'no negative has more confidence than a positive',
      'the same verdicts again, and from the reference kernels',
      'a verdict does not hang on the other candidates',
      'provenance says who judged, with every option',
      'every option does something',
    ].map(test => ({ test, reason: 'gguf/engine.test.ts has it for a few users, where node-llama-cpp is installed' })),
  },
  replay: {
    async setup(context, candidates) {
      const from = join(directory, 'verdicts.parquet')
      const verdicts = await judges.get('prefix').create(context, {}).judge(candidates)
      await writeVerdicts(from, context.train, candidates, verdicts)
      return { options: { from } }
    },
    skip: [{ test: 'every option does something', reason: 'replay.test.ts has a file and a ledger for each' }],
  },
  'model-score': { changes: { top: 2 } },
  'accept-all': {},
  random: { changes: { rate: 0.9 } },
}

for (const judge of judges.parts) judgeContract(judge, expectations[judge.name] ?? {})

it('the registry helps with a name', () => {
  expect(() => judges.get('acceptall')).toThrow(
    `unknown judge "acceptall": known are ${judges.names.join(', ')}; did you mean "accept-all"?`,
  )
})
