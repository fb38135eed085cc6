/** For each function of the library, arguments that it takes: what must be given, and what may be. */
import { join } from 'node:path'
import { z } from 'zod'
import { plantCases } from '../../src/dataset/splits/planted-cases.ts'
import type * as api from '../../src/index.ts'
import { createKernels, createReferenceKernels } from '../../src/index.ts'
import { judges } from '../../src/judges/index.ts'
import { randomCandidates, randomCodes } from './judging.ts'
import { randomDataset } from './toy.ts'

export type Name = {
  [N in keyof typeof api]: (typeof api)[N] extends (...given: never[]) => unknown ? N : never
}[keyof typeof api]

export interface Valid {
  /** the arguments by their names, without what may be left out; of the last, a request, its fields where `request` is set */
  readonly given: Readonly<Record<string, unknown>>
  /** what may be given too */
  readonly more?: Readonly<Record<string, unknown>>
  /** arguments before the request, by their names; with it, `given` and `more` are the fields of the last argument */
  readonly before?: Readonly<Record<string, unknown>>
  /** `arguments`: what is in `given` and `more` are the arguments themselves, in order */
  readonly as: 'arguments' | 'request'
  /** the files or directories in it are not there: called as it is, it says so */
  readonly nowhere?: true
}

const request = (given: Valid['given'], more: Valid['given'] = {}, before: Valid['given'] = {}): Valid => ({ as: 'request', given, more, before }) // biome-ignore format: one line
const positional = (given: Valid['given'], more: Valid['given'] = {}): Valid => ({ as: 'arguments', given, more })
const nowhere = (valid: Valid): Valid => ({ ...valid, nowhere: true })

/** @param split of `train` with something held out, as `createSplit` makes it @param directory that is empty */
export function validArguments(split: api.Split, directory: string): Readonly<Record<Name, Valid>> {
  const kernels = createKernels()
  const { train } = split
  const codes = randomCodes(train.items)
  const candidates = randomCandidates(train, 2)
  const labels = candidates.items.map(item => (item < 0 ? -2 : 1))
  const verdicts = { labels: Int8Array.from(labels), confidence: new Float32Array(labels.length).fill(0.5) }
  const cases = plantCases(randomDataset(12, 20, 0.5), 1, { hidden: 0.3, perUser: 3, perHidden: 1, unobserved: 'uniform' }) // biome-ignore format: one line
  const vectors = (rows: number) => new Float32Array(rows * 4).map((_, at) => (at * 7) % 5)
  const sizes = { users: train.users, items: train.items, dimensions: 4 }
  const embeddings = { ...sizes, userVectors: vectors(train.users), itemVectors: vectors(train.items) }
  const lists = { k: 1, items: new Int32Array(train.users).fill(-1), scores: new Float32Array(train.users) }
  const recommender = {
    ...{ users: train.users, items: train.items },
    recommend: ({ k, histories }: api.RecommendRequest) => ({
      ...lists,
      k,
      items: new Int32Array(k * (histories.offsets.length - 1)).fill(-1),
      scores: new Float32Array(k * (histories.offsets.length - 1)),
    }),
  }
  const work = () => {}
  const { signal } = new AbortController()
  const watch = { signal, emit: work }
  const missing = join(directory, 'missing')
  const part = { name: 'own', summary: 's', source: 'o', options: z.object({}) }
  const { options: _, ...metric } = { ...part, value: () => 1 }
  const ids = { ids: ['a', 'b'], indexOf: () => 0 }
  const tree = (own: api.Codes) => ({ codes: own })
  const pattern = { offsets: Int32Array.of(0, 1, 1), indices: Int32Array.of(0) }
  return {
    aiSdkJudge: positional({}, { model: 'm' }),
    answerSchema: positional({ mode: 'user' }),
    applyVerdicts: positional({ train, candidates, verdicts }, { options: {} }),
    auditJudge: request(
      {
        ...{
          judge: { definition: judges.get('prefix'), options: {} },
          cases,
          codes: randomCodes(20),
          kernels,
          seed: 1,
        },
        ...{ scores: new Float32Array(cases.items.length) },
        options: { auditControls: [], auditRecheck: 0, auditBins: 2 },
      },
      { signal, progress: work, folder: directory, texts: Array.from({ length: 20 }, () => 't') },
    ),
    auditLeakage: nowhere(positional({ files: { train: missing, test: missing } }, { options: {}, signal })),
    buildPrompt: request({ mode: 'user', history: [0], candidates: [1], codes }, { texts: ['a', 'b'] }),
    buildTrees: request(
      { train, itemVectors: embeddings.itemVectors, kernels, seed: 1 },
      { options: { eigenvectors: 2 }, signal, progress: work },
    ),
    calibrateVerdicts: positional({
      ...{ verdicts, curves: { isotonic: { x: [0, 1], y: [0, 1] }, platt: { slope: 1, offset: 0 } }, method: 'platt' },
    }),
    codeOf: positional({ codes: codes.semantic, item: 0 }),
    codeSimilarity: positional({ codes: codes.semantic, i: 0, j: 1 }),
    codesOf: positional({ trees: { structural: tree(codes.structural), semantic: tree(codes.semantic) } }),
    compareRuns: nowhere(positional({ directories: [missing] }, { given: {}, how: watch })),
    compareTunedMethods: nowhere(
      request({ source: missing, directory, methods: ['ease'], seeds: 1 }, { given: {}, options: {}, ...watch }),
    ),
    createDataset: positional({ pairs: { users: [0], items: [1] }, userIds: ids, itemIds: ids }),
    createKernels: request({}, { threads: 1, pieceCost: 1, memoryLimit: 1 << 20, onLost: work, startWorker: work }),
    createReferenceKernels: positional({}, { precision: 'f32' }),
    createSplit: positional({ train, valid: train.byUser, test: train.byUser }),
    createValidation: request({ truth: split.valid, seen: train.byUser, seed: 1 }, {}, { kernels }),
    createVocabulary: positional({ ids: ['a', 7] }),
    defineBaseline: request({ ...part, fit: work }, { usesWeights: true, footprint: work }),
    defineEmbeddingModel: request({ ...part, create: work }, { usersByBatch: true, footprint: work }),
    defineFeature: request({ ...part, learn: work, open: work }, { version: '1' }),
    defineFormat: request({ ...part, detect: work, read: work }),
    defineJudge: request({ ...part, create: work }, { counts: ['x'], inputs: work, runtime: z.object({}) }),
    defineListMetric: request(metric, { heading: 'H' }),
    defineObjective: request({ ...part, create: work }),
    defineSampler: request({ ...part, create: work }, { usesCodes: true }),
    defineSamplerDecorator: request({ ...part, decorate: work }),
    defineScoringSampler: request({ ...part, create: work }, { footprint: work }),
    defineStudy: request(
      { ...part, variants: work, columns: work, figure: work, describe: work },
      { until: 'data', times: true, defaults: {}, prepare: work, instead: work, reference: { name: 'r', of: work } },
    ),
    defineUserMetric: request(metric, { heading: 'H' }),
    defineVectorObjective: request({ ...part, create: work }, { usersByBatch: true }),
    embeddingRecommender: positional({ embeddings, kernels, train }, { recency: { decay: 1, halfLife: 0 } }),
    evaluate: request(
      { truth: split.test, histories: train.byUser, seen: train.byUser, seed: 1 },
      { cutoffs: [2], metrics: ['recall'], keepLists: true, train, signal, progress: work },
      { recommender },
    ),
    exportModel: nowhere(request({ path: missing, to: 'folder', out: missing }, { method: 'ease', ...watch })),
    exportTables: nowhere(request({ directory: missing, to: missing }, { what: ['codes'] })),
    fit: request(
      {},
      { model: 'popularity', seed: 1, threads: 1, signal },
      {
        source: [
          ['a', 1],
          ['b', 2],
        ],
      },
    ),
    fitModel: nowhere(request({ directory: missing }, { source: missing, options: {}, method: 'ease', ...watch })),
    fitRun: nowhere(positional({ request: { directory: missing }, use: work })),
    formatCode: positional({ code: [1, 2] }),
    generateCandidates: request(
      { recommender, train, seed: 1 },
      { options: { k: 2 }, users: Int32Array.of(0), signal, progress: work },
    ),
    judgeAccuracy: positional({ positives: { users: [0], items: [1] }, candidates, hidden: split.test }),
    listParts: positional({}),
    loadEmbeddings: nowhere(positional({ path: missing })),
    loadSplit: nowhere(positional({ path: missing }, { options: {}, context: { signal, progress: work } })),
    observed: positional({ split }),
    openModel: nowhere(positional({ path: missing }, { options: { ann: false, newRequestId: work } })),
    openServing: nowhere(positional({ path: missing }, { method: 'ease', options: { ann: false } })),
    pairsOf: positional({ dataset: train }),
    parseAnswer: positional({ mode: 'user', count: 1, answer: { content: '', truncated: false } }),
    parseCode: positional({ text: '1-2' }),
    plantedData: positional({}, { given: { users: 10, items: 20 } }),
    readSplit: nowhere(positional({ directory: missing }, { signal })),
    rescoreRun: nowhere(positional({ directory: missing }, { given: {}, how: watch })),
    run: nowhere(
      request(
        { directory: missing },
        {
          ...{ source: missing, store: missing, remake: 'data', parts: [], options: {}, until: 'data' },
          ...{ keepFinished: true, finish: work, ...watch },
        },
      ),
    ),
    runStudy: nowhere(
      request(
        { study: { ...part, variants: () => [], columns: work }, source: missing, directory: missing },
        { options: {}, given: {}, hidden: {}, ...watch },
      ),
    ),
    saveEmbeddings: positional({ path: join(directory, 'saved'), embeddings, metadata: { model: 'mf' } }),
    sealTruth: positional({ byUser: pattern, items: 2 }),
    seenAt: positional({ part: 'test', split }, { maskAtTest: 'train' }),
    sweep: nowhere(
      request({ source: missing, directory: missing, method: 'ease' }, { space: {}, given: {}, options: {}, ...watch }),
    ),
    tieRanks: positional({ items: 3, seed: 1 }),
    train: request(
      { kernels: createReferenceKernels(), train, model: 'mf', sampler: 'uniform', objective: 'bpr', seed: 1 },
      {
        ...{ graph: train, forbidden: train.byUser, codes, edgeWeights: new Float32Array(train.interactions).fill(1) },
        ...{ initialItems: { dimensions: 4, values: embeddings.itemVectors }, options: { epochs: 1 }, signal },
        ...{ progress: work, validate: () => 1, checkpoint: { load: async () => undefined, save: async () => {} } },
      },
    ),
    withParts: positional({ parts: [], body: work }),
    withPositives: positional({ dataset: train, added: { users: [0], items: [1] } }),
    writeReport: nowhere(positional({ directory: missing }, { accuracy: {} })),
    writeSplit: positional({ split, directory: join(directory, 'split') }, { signal }),
  }
}
