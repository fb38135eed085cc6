/**
 * The method on 12 items and 8 users, small enough to check by hand: `node examples/toy-trees.ts`.
 * Every number in docs/guide/method.md's worked example is one that this prints.
 */
import { join, resolve } from 'node:path'
import { affinities } from '../src/dataset/cooccurrence.ts'
import {
  applyVerdicts,
  buildTrees,
  type Candidates,
  codesOf,
  createDataset,
  createKernels,
  createVocabulary,
  type Dataset,
  embeddingRecommender,
  generateCandidates,
  judges,
  train,
  type Verdicts,
} from '../src/index.ts'
import { POSITIVE } from '../src/judges/judge.ts'
import { buildPrompt } from '../src/judges/prompt.ts'
import { columnsOf } from '../src/kernels/csr.ts'
import { mf } from '../src/models/mf.ts'
import { bpr } from '../src/objectives/bpr.ts'
import { dns } from '../src/samplers/dns.ts'
import { dualTree } from '../src/samplers/dual-tree.ts'
import { codeOf, codeSimilarity, formatCode, sharedPrefix, type ViewCodes } from '../src/trees/codes.ts'
import type { ItemTree, TreeNode } from '../src/trees/tree.ts'

export const GROUPS = {
  running: ['shoes', 'socks', 'watch', 'belt'],
  swimming: ['goggles', 'cap', 'fins', 'towel'],
  climbing: ['rope', 'harness', 'chalk', 'helmet'],
}
const ITEMS = Object.values(GROUPS).flat()
const HISTORIES: Record<string, string[]> = {
  Ada: ['shoes', 'socks', 'watch'],
  Ben: ['shoes', 'socks', 'watch', 'belt'],
  Cleo: ['watch', 'belt', 'goggles', 'cap'],
  Dan: ['goggles', 'cap', 'fins'],
  Eva: ['goggles', 'cap', 'fins', 'towel'],
  Finn: ['fins', 'towel', 'rope'],
  Gus: ['rope', 'harness', 'chalk'],
  Hana: ['rope', 'harness', 'chalk', 'helmet', 'belt'],
}
const USERS = Object.keys(HISTORIES)
/** Whose candidates, verdicts and prompt are shown. */
const JUDGED = USERS.indexOf('Gus')
/** The pair whose hard negatives are shown. */
const TRAINED = { user: USERS.indexOf('Finn'), positive: ITEMS.indexOf('rope') }
const SEED = 2

export interface Toy {
  /** what is printed, by heading */
  readonly sections: Readonly<Record<string, string>>
  readonly trees: Readonly<Record<'structural' | 'semantic', ToyNode>>
}

/** A node of a tree with the names of its items. */
export interface ToyNode {
  /** `1-0`; empty for the root */
  readonly code: string
  readonly items: readonly string[]
  readonly children: readonly ToyNode[]
}

export async function runToy(): Promise<Toy> {
  const kernels = createKernels()
  const data = toyDataset()
  const { embeddings } = await train({
    kernels,
    train: data,
    model: { part: mf, options: { dimensions: 4 } },
    sampler: { part: 'uniform' },
    objective: { part: bpr },
    options: { epochs: 100, batchSize: 8, learningRate: 0.02, regularization: 0.01, negatives: 2 },
    seed: SEED,
  })
  const options = { branches: 2, leafSize: 2, maxShare: 1.4, eigenvectors: 2 }
  const built = await buildTrees({ train: data, itemVectors: embeddings.itemVectors, kernels, options, seed: SEED })
  const codes = codesOf(built)
  const recommender = embeddingRecommender(embeddings, kernels, data)
  const candidates = await generateCandidates({ recommender, train: data, options: { k: 4 }, seed: SEED })
  const judge = judges.get('prefix').create({ train: data, codes, kernels, seed: SEED }, {})
  const verdicts = await judge.judge(candidates)
  const { userVectors, itemVectors } = embeddings
  const vectors = Float32Array.of(...userVectors, ...itemVectors)
  const trees = { structural: named(built.structural), semantic: named(built.semantic) }
  const prompt = buildPrompt({
    mode: 'user',
    history: columnsOf(data.byUser, JUDGED),
    candidates: candidatesOf(candidates),
    codes,
  })
  const sections = {
    interactions: table(
      ['user', 'items'],
      USERS.map(user => [user, HISTORIES[user].join(', ')]),
    ),
    jaccard: describeJaccard(data),
    eigenvalues: built.structural.eigen.values.map(value => value.toFixed(3)).join('  '),
    'structural tree': drawTree(trees.structural),
    'semantic tree': drawTree(trees.semantic),
    codes: table(
      ['item', 'structural code', 'semantic code'],
      ITEMS.map((item, i) => [item, codeText(codes.structural, i), codeText(codes.semantic, i)]),
    ),
    similarity: describeSimilarities(codes, [
      ['belt', 'watch'],
      ['belt', 'rope'],
    ]),
    'judged user': `${USERS[JUDGED]}: ${HISTORIES[USERS[JUDGED]].join(', ')}; t = ${verdicts.provenance.details?.minPrefix}`,
    verdicts: describeVerdicts(data, codes, candidates, verdicts),
    'prompt, system': prompt.system,
    'prompt, user': prompt.user,
    uses: describeUses(data, candidates, verdicts),
    ...describeNegatives(data, codes, vectors, candidates, verdicts),
  }
  return { sections, trees }
}

function toyDataset(): Dataset {
  const pairs = USERS.flatMap((name, user) => HISTORIES[name].map(item => ({ user, item: ITEMS.indexOf(item) })))
  return createDataset(
    { users: pairs.map(({ user }) => user), items: pairs.map(({ item }) => item) },
    createVocabulary(USERS),
    createVocabulary(ITEMS),
  )
}

const candidatesOf = ({ items, k }: Candidates) => items.subarray(JUDGED * k, (JUDGED + 1) * k)
const codeText = (codes: ViewCodes['structural'], item: number) => formatCode(codeOf(codes, item))

function named({ root, codes }: ItemTree): ToyNode {
  const visit = (node: TreeNode, code: string): ToyNode => ({
    code,
    items: ITEMS.filter((_, item) => `${codeText(codes, item)}-`.startsWith(code && `${code}-`)),
    children: (node.children ?? []).map((child, n) => visit(child, code ? `${code}-${n}` : String(n))),
  })
  return visit(root, '')
}

function drawTree(root: ToyNode): string {
  const lines = [`root: ${root.items.length} items`]
  const visit = ({ children }: ToyNode, indent: string) => {
    children.forEach((child, n) => {
      const last = n === children.length - 1
      const content = child.children.length ? `${child.items.length} items` : child.items.join(', ')
      lines.push(`${indent}${last ? '└─' : '├─'} ${child.code}: ${content}`)
      visit(child, indent + (last ? '   ' : '│  '))
    })
  }
  visit(root, '')
  return lines.join('\n')
}

function describeJaccard(data: Dataset): string {
  const { offsets, indices, values } = affinities(data, createKernels(), { kind: 'jaccard' })
  const rows = ITEMS.map((name, item) => {
    const cells: string[] = ITEMS.map((_, other) => (other === item ? '–' : ''))
    for (let e = offsets[item]; e < offsets[item + 1]; e++) cells[indices[e]] = values[e].toFixed(2)
    return [name, ...cells]
  })
  return table(['J', ...ITEMS], rows)
}

function describeSimilarities({ structural, semantic }: ViewCodes, pairs: [string, string][]): string {
  const views = { structural, semantic }
  const rows = pairs.flatMap(([one, other]) =>
    Object.entries(views).map(([view, codes]) => {
      const [i, j] = [ITEMS.indexOf(one), ITEMS.indexOf(other)]
      const [a, b] = [codeOf(codes, i), codeOf(codes, j)]
      const shared = sharedPrefix(a, b)
      const quotient = `${shared} / min(${a.length}, ${b.length})`
      return [`${one}, ${other}`, view, formatCode(a), formatCode(b), quotient, codeSimilarity(codes, i, j).toFixed(2)]
    }),
  )
  return table(['pair', 'view', 'first code', 'second code', 'LCP / min', 'sim'], rows)
}

function describeVerdicts(data: Dataset, codes: ViewCodes, candidates: Candidates, verdicts: Verdicts): string {
  const history = columnsOf(data.byUser, JUDGED)
  const longest = (view: ViewCodes['structural'], item: number) =>
    Math.max(...Array.from(history, known => sharedPrefix(codeOf(view, item), codeOf(view, known))))
  const rows = Array.from(candidatesOf(candidates), (item, rank) => {
    const place = JUDGED * candidates.k + rank
    return [
      String(rank + 1),
      ITEMS[item],
      candidates.scores[place].toFixed(2),
      `${codeText(codes.structural, item)} → ${longest(codes.structural, item)}`,
      `${codeText(codes.semantic, item)} → ${longest(codes.semantic, item)}`,
      verdicts.labels[place] === POSITIVE ? 'positive' : 'negative',
      verdicts.confidence[place].toFixed(2),
    ]
  })
  return table(['rank', 'candidate', 'score', 'structural → LCP', 'semantic → LCP', 'verdict', 'confidence'], rows)
}

function describeUses(data: Dataset, candidates: Candidates, verdicts: Verdicts): string {
  const rows = (['positives', 'exclude', 'weighted'] as const).map(use => {
    const enhanced = applyVerdicts(data, candidates, verdicts, { use })
    const { offsets, indices } = enhanced.train.byUser
    const own = Array.from({ length: offsets[JUDGED + 1] - offsets[JUDGED] }, (_, n) => offsets[JUDGED] + n)
    const pairs = own.map(e => {
      const weight = enhanced.train.weights?.[e] ?? 1
      return ITEMS[indices[e]] + (weight === 1 ? '' : ` × ${weight.toFixed(2)}`)
    })
    const forbidden = Array.from(columnsOf(enhanced.forbidden, JUDGED), item => ITEMS[item])
    return [use, pairs.join(', '), String(enhanced.train.interactions), forbidden.join(', ')]
  })
  return table(['use', `${USERS[JUDGED]}'s training pairs`, 'pairs of all users', 'never drawn'], rows)
}

/** All that may be drawn for one pair, scored by dns alone and with the trees on top. */
function describeNegatives(
  data: Dataset,
  codes: ViewCodes,
  vectors: Float32Array,
  candidates: Candidates,
  verdicts: Verdicts,
): Record<string, string> {
  const { user, positive } = TRAINED
  const kernels = createKernels()
  const { memory } = kernels
  const { users, items } = data
  const pooled = memory.copy(vectors)
  const forbidden = applyVerdicts(data, candidates, verdicts).forbidden
  const banned = columnsOf(forbidden, user)
  const allowed = ITEMS.keys().filter(item => !banned.includes(item))
  const drawn = memory.copy(Int32Array.from(allowed))
  const inMemory = ({ depth, values }: ViewCodes['structural']) => ({ depth, values: memory.copy(values) })
  const context = {
    kernels,
    tables: { users, items, dimensions: pooled.length / (users + items), hops: 1, hop: pooled, pooled },
    forbidden: { offsets: memory.copy(forbidden.offsets), indices: memory.copy(forbidden.indices) },
    degrees: data.byItem.offsets.subarray(1).map((end, item) => end - data.byItem.offsets[item]),
    batchSize: 1,
    perPositive: 1,
    seed: SEED,
    codes: { structural: inMemory(codes.structural), semantic: inMemory(codes.semantic) },
  }
  const batch = {
    size: 1,
    users: memory.copy(Int32Array.of(user)),
    positives: memory.copy(Int32Array.of(positive)),
  }
  const base = dns.create(context, { candidateNegatives: drawn.length })
  const scores = base.score(batch, drawn).slice()
  const sampler = dualTree.kind === 'decorator' ? dualTree.decorate(base, context, { base: 'dns' }) : base
  const hard = sampler.score(batch, drawn)
  const rows = Array.from(drawn, (item, n) => {
    const [similarStructural, similarSemantic] = [codes.structural, codes.semantic].map(view =>
      codeSimilarity(view, positive, item),
    )
    const spread = hard[n] - 0.1 * similarStructural - 0.3 * similarSemantic
    const numbers = [scores[n], spread, similarStructural, similarSemantic, hard[n]]
    return [ITEMS[item], ...numbers.map(value => value.toFixed(2))]
  })
  const [withTrees] = sampler.pick(batch, drawn, hard).items
  const [scoreAlone] = base.pick(batch, drawn, memory.copy(scores)).items
  return {
    'trained pair': `${USERS[user]}, ${ITEMS[positive]}; never drawn: ${Array.from(banned, item => ITEMS[item]).join(', ')}`,
    'hard negatives': table(['candidate', 'score', 'minmax', 'sim structural', 'sim semantic', "score'"], rows),
    picked: `by score alone: ${ITEMS[scoreAlone]}; with both trees: ${ITEMS[withTrees]}`,
  }
}

/** A Markdown table, padded so that it reads well in a terminal too. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...all.map(row => row[column].length)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, n) => cell.padEnd(widths[n])).join(' | ')} |`
  return [line(header), `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n')
}

if (process.argv[1] && resolve(process.argv[1]) === join(import.meta.dirname, 'toy-trees.ts')) {
  const { sections } = await runToy()
  for (const [heading, text] of Object.entries(sections)) process.stdout.write(`== ${heading}\n\n${text}\n\n`)
}
