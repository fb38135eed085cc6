import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { writeAtomic } from '../../../src/files.ts'
import {
  defaultThreads,
  INSTALL,
  LIBRARY_VARIABLE,
  missingRequirement,
  openModel,
} from '../../../src/judges/gguf/engine.ts'
import { judges } from '../../../src/judges/index.ts'
import { INVALID, NO_CANDIDATE, POSITIVE } from '../../../src/judges/judge.ts'
import { parseAnswer } from '../../../src/judges/parse.ts'
import { exactSchema } from '../../../src/judges/prompt.ts'
import { createKernels } from '../../../src/kernels/wasm/wasm.ts'
import { sharedDirectory, temporaryDirectory } from '../../support/directory.ts'
import { randomGguf } from '../../support/gguf.ts'
import { randomCandidates, randomCodes } from '../../support/judging.ts'
import { randomDataset } from '../../support/toy.ts'

it('threads: one on one or two cores, else all but one', () => {
  expect([1, 2, 3, 8].map(defaultThreads)).toEqual([1, 1, 2, 7])
})

describe('what is missing is named, with the remedy', () => {
  const open = (path: string) => openModel({ path, contextTokens: 512, threads: 1 })

  it('the file', async () => {
    await expect(open('no-such.gguf')).rejects.toThrow(
      'judge "gguf": --gguf-model "no-such.gguf": there is no such file; give the path of a model in GGUF format',
    )
  })

  it('the package', async () => {
    const directory = await temporaryDirectory({ 'model.gguf': randomGguf() })
    const before = process.env[LIBRARY_VARIABLE]
    onTestFinished(() => {
      if (before === undefined) delete process.env[LIBRARY_VARIABLE]
      else process.env[LIBRARY_VARIABLE] = before
    })
    process.env[LIBRARY_VARIABLE] = directory
    await expect(open(join(directory, 'model.gguf'))).rejects.toThrow(
      `judge "gguf": the package node-llama-cpp is not installed in ${directory} (${LIBRARY_VARIABLE}): run "${INSTALL}" (about 730 MB, no compiler needed)`,
    )
  })
})

/** This file is there, so what is missing would be the package. */
const installed = missingRequirement(import.meta.filename) === undefined

const directory = sharedDirectory()
const file = join(directory, 'random.gguf')
const train = randomDataset(5, 60, 0.08)
const candidates = randomCandidates(train, 3)

const judge = async (options: object, on = file) => {
  const context = { train, codes: randomCodes(train.items), kernels: createKernels(), seed: 1 }
  const said: string[] = []
  const progress = (done: number, users: number, detail = '') => said.push(`${done}/${users} ${detail}`)
  const verdicts = await judges
    .get('gguf')
    .create(context, { ggufModel: on, ...options })
    .judge(candidates, { progress })
  return { ...verdicts, said }
}

describe.skipIf(!installed)(
  `a model of random weights, in this process (needs node-llama-cpp: ${INSTALL}, or ${LIBRARY_VARIABLE})`,
  () => {
    beforeAll(() => writeAtomic(file, randomGguf()))

    it.each(['user', 'pair', 'compact'])(
      'score, mode %s: a verdict and a probability for every candidate, twice the same',
      async mode => {
        const first = await judge({ mode })
        candidates.items.forEach((item, place) => {
          const [label, confidence] = [first.labels[place], first.confidence[place]]
          if (item < 0) expect(label).toBe(NO_CANDIDATE)
          else expect(label === POSITIVE).toBe(confidence >= 0.5)
          expect(item < 0 ? confidence === 0 : confidence > 0 && confidence < 1).toBe(true)
        })
        const { labels, confidence } = await judge({ mode })
        expect({ labels, confidence }).toEqual({ labels: first.labels, confidence: first.confidence })
      },
    )

    it('says what it will take before it starts', async () => {
      const { said } = await judge({ mode: 'compact' })
      expect(said[0]).toMatch(/^0\/4 \d+ tokens at \d+ tokens\/s: about \d+ s$/)
      expect(said.at(-1)).toBe('4/4 ')
    })

    it('another file, other verdicts; the judge knows it for another input', async () => {
      const other = join(directory, 'other.gguf')
      await writeAtomic(other, randomGguf({ seed: 2 }))
      expect((await judge({ mode: 'compact' }, other)).confidence).not.toEqual(
        (await judge({ mode: 'compact' })).confidence,
      )
      const inputs = (ggufModel: string) => judges.get('gguf').inputs!({ ggufModel })
      expect(await inputs(other)).not.toEqual(await inputs(file))
    })

    it('probabilities do not hang on what was read before', async () => {
      const ask = async (...befores: string[]) => {
        const model = await openModel({ path: file, contextTokens: 1024, threads: 1 })
        const prompt = model.promptTokens({ system: 'Judge.', user: 'History: 1-2\nCandidates: 1-2' })
        let last = 0
        for (const before of befores) last = await model.choose(prompt, before, 'positive', 'negative')
        await model.close()
        return last
      }
      expect(await ask('{"a": "', '{"b": [{"', '{"b": "')).toBeCloseTo(await ask('{"b": "'), 3)
    })

    it('write: under the grammar even random weights give whole verdicts', async () => {
      const { labels, confidence } = await judge({ mode: 'compact', ggufAnswer: 'write' })
      candidates.items.forEach((item, place) => {
        if (item < 0) return
        expect(labels[place]).not.toBe(INVALID)
        expect(confidence[place]).toBe(labels[place] === POSITIVE ? 1 : 0)
      })
    })

    it('a file that is no model is named', async () => {
      const broken = join(directory, 'broken.gguf')
      await writeAtomic(broken, randomGguf().subarray(0, 5000))
      await expect(judge({}, broken)).rejects.toThrow(
        /^--gguf-model ".*broken\.gguf" cannot be opened: .+; try another file or more memory$/,
      )
    })
  },
)

const real = process.env.DUALTREE_TEST_GGUF

it.skipIf(!installed || !real)(
  'a real model, named by DUALTREE_TEST_GGUF: reads labels and writes whole verdicts in its own chat template',
  async () => {
    const model = await openModel({ path: real!, contextTokens: 1024, threads: defaultThreads() })
    onTestFinished(() => model.close())
    const prompt = model.promptTokens({ system: 'Is the animal a bird?', user: 'An eagle.' })
    const share = await model.choose(prompt, '{"label": "', 'positive', 'negative')
    expect(share).toBeGreaterThan(0)
    expect(share).toBeLessThan(1)
    const { text, truncated } = await model.write(prompt, exactSchema('user', 2), 400)
    expect(truncated).toBe(false)
    expect(parseAnswer('user', 2, { content: text, truncated }).fault).toBeUndefined()
  },
)
