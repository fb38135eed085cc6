/** A run that could have been, for tests of the report: figures like those of a real one. */

import type { RunComparison } from '../../src/comparison/runs.ts'
import type { AuditReport } from '../../src/judge-audit/audit.ts'
import type { Calibration } from '../../src/judge-audit/calibration.ts'
import type {
  InspectedCandidate,
  ReportCurve,
  ReportData,
  ReportInspector,
  ReportNode,
  ReportRow,
  ReportTree,
} from '../../src/report/gather/data.ts'

const CUTOFFS = [10, 20, 50]

export function sampleReport(changes: Partial<ReportData> = {}): ReportData {
  return {
    title: 'dualtree: data/sports',
    summary:
      'With judged false negatives and dual-tree negatives, DTL-NS scored 4.2 % above its base model in NDCG@20 (0.0920 against 0.0883, strict protocol, one seed); the best method in the table is ease with 0.1126.',
    dataHash: '5f2b1c0d9e8a7766554433221100ffeeddccbbaa99887766554433221100ffee',
    data: {
      decisions: [
        'Read data/sports as user lists: each line is a user followed by item ids.',
        'Split as given: train.txt, valid.txt and test.txt.',
        'Every row is a positive, since there is no rating.',
      ],
      counts: {
        users: 15138,
        items: 8439,
        rows: 210439,
        train: 171621,
        valid: 19370,
        test: 19448,
        duplicates: 0,
        refused: 0,
        outsideWhere: 0,
        otherEvents: 0,
        withoutWeight: 0,
        belowMinRating: 0,
        outsideCore: 0,
        heldOutUnknownUsers: 0,
        heldOutUnknownItems: 12,
        heldOutAlreadySeen: 0,
        testAlreadyInValid: 0,
      },
      files: [
        { path: 'data/sports/train.txt', bytes: 1183422, sha256: 'a1'.repeat(32) },
        { path: 'data/sports/valid.txt', bytes: 144201, sha256: 'b2'.repeat(32) },
        { path: 'data/sports/test.txt', bytes: 144950, sha256: 'c3'.repeat(32) },
      ],
      rows: [],
    },
    environment: {
      dualtree: '0.1.0',
      node: 'v26.10.0',
      platform: 'linux-x64',
      cpu: 'AMD EPYC 7B13',
      cores: 8,
      memoryBytes: 33_600_000_000,
      seed: 1,
    },
    options: {
      source: { format: 'auto', kCore: 0, split: 'given' },
      run: { seed: 1, cutoffs: CUTOFFS, protocol: 'released', maskAtTest: 'train+valid', candidatesPerUser: 20 },
      model: { name: 'lightgcn', options: { dimensions: 64, layers: 3 } },
      baseSampler: { name: 'mixgcf', options: { candidates: 10 } },
      baselines: [
        { name: 'popularity', options: {} },
        { name: 'ease', options: { regularization: 100 } },
      ],
      training: { epochs: 300, batchSize: 2048, learningRate: 0.001, regularization: 0.0001, patience: 5 },
      trees: { branches: 4, leafSize: 30, balance: 'nearest', maxShare: 1.6 },
    },
    evaluatedOn: 'test',
    rows: [
      row('popularity', 0.0326, 0.0146, 0.04),
      row('item-knn', 0.1518, 0.1087, 1.4),
      row('ease', 0.1667, 0.1126, 88.2),
      { ...row('ials', 0, 0, 0), metrics: {}, skipped: 'it needs 4.6 GB, and 4 GiB is the most there can be' },
      row('lightgcn+mixgcf', 0.1487, 0.0883, 742),
      row('lightgcn+dns', 0.1421, 0.0821, 640),
      row('dtl-ns', 0.1529, 0.092, 1204),
      { ...row('dtl-ns', 0.1499, 0.0935, 1190), protocol: 'released' },
    ],
    metrics: ['recall', 'ndcg'].flatMap(name => CUTOFFS.map(k => `${name}@${k}`)),
    curves: [
      curve('lightgcn+mixgcf', 130, 0.149, 105),
      curve('lightgcn+dns', 110, 0.142, 85),
      curve('dtl-ns', 95, 0.153, 70),
    ],
    trees: [named(sampleTree('structural', 8439, 0.8)), sampleTree('semantic', 8439, 0.35)],
    agreement: (['structural', 'semantic'] as const).map((view, which) => {
      const similarity = (pairs: number, jaccard: number) => ({
        pairs,
        connected: Math.round(pairs * jaccard * 20),
        jaccard,
        shared: 40 * jaccard,
      })
      return {
        view,
        byPrefix: [26e6, 7e6, 2e6, 5e5, 1e5].map((pairs, prefix) => similarity(pairs, 0.0004 * (3 + which) ** prefix)),
        all: similarity(35_604_141, 0.00062),
      }
    }),
    judge: {
      name: 'prefix',
      candidates: 301_200,
      positives: 41_207,
      invalid: 12,
      byPrefix: [0.002, 0.05, 0.12, 0.3, 0.55, 0.8].map((rate, prefix) => {
        const candidates = Math.round(150_600 / 2 ** prefix)
        const heldOut = Math.round(candidates * 0.004 * (prefix + 1))
        const heldOutPositives = Math.round(heldOut * rate)
        return { prefix, candidates, positives: Math.round(candidates * rate), heldOut, heldOutPositives }
      }),
      opened: ['valid', 'test'],
      accuracy: { precision: 0.0412, recall: 0.311, baseRate: 0.0093 },
    },
    comparison: sampleComparison(),
    audits: { reports: [sampleAudit('prefix', 0.66), sampleAudit('random', 0.5)], calibration: sampleCalibration() },
    inspector: sampleInspector(),
    stages: [
      {
        stage: 'data',
        seconds: 1.23,
        peakBytes: 410e6,
        key: 'd4'.repeat(32),
        files: { 'train.parquet': 'e5'.repeat(32) },
      },
      { stage: 'train-lightgcn+mixgcf', seconds: 742.1, peakBytes: 1.1e9 },
      { stage: 'trees', seconds: 31.4, peakBytes: 1.3e9 },
      { stage: 'judge', seconds: 4.1, peakBytes: 1.35e9 },
      { stage: 'evaluate', seconds: 65.4, peakBytes: 2.12e9 },
    ],
    ...changes,
  }
}

const METRICS = ['recall@20', 'ndcg@20']

function sampleComparison(): RunComparison {
  const others = ['popularity', 'ease', 'lightgcn+mixgcf']
  const pairs = METRICS.flatMap(metric => others.map((against, index) => ({ metric, against, index })))
  const between = (value: number) => ({ low: value - 0.002, high: value + 0.002 })
  const groups = (by: 'user activity' | 'item popularity') =>
    [3, 9, 27].flatMap((low, at) =>
      pairs.map(({ metric, against, index }) => ({
        by,
        low,
        high: 3 * low - 1,
        members: 3500 - at,
        method: 'dtl-ns',
        against,
        metric,
        users: 3500 - at,
        means: [0.09 + 0.01 * at, 0.05 + 0.015 * index] as const,
        difference: 0.01,
        interval: between(0.01),
        resampled: 'users' as const,
      })),
    )
  return {
    dataHash: '5f2b1c',
    protocol: 'strict',
    variant: 'history train',
    evaluatedOn: 'test',
    options: {
      metrics: [],
      against: [],
      allPairs: false,
      protocol: 'strict',
      groups: 3,
      level: 0.95,
      resamples: 2000,
      permutations: 10_000,
      seed: 1,
    },
    users: 10_507,
    methods: ['dtl-ns', ...others].map(name => ({ name, run: 'runs/sports', method: name, seeds: [1], means: {} })),
    comparisons: pairs.map(({ metric, against, index }) => ({
      method: 'dtl-ns',
      against,
      metric,
      means: [0.0892, [0.0147, 0.1151, 0.09][index]],
      difference: [0.0745, -0.0259, -0.0008][index],
      interval: between([0.0745, -0.0259, -0.0008][index]),
      resampled: 'users',
      effectSize: [0.4, -0.15, -0.01][index],
      users: { better: 3000, worse: 1000, same: 6507 },
      p: [0, 0.0002, 0.41][index],
      holm: [0, 0.001, 0.82][index],
      falseDiscovery: [0, 0.0004, 0.41][index],
    })),
    groups: [...groups('user activity'), ...groups('item popularity')],
    repeated: [],
  }
}

function sampleAudit(judge: string, auc: number): AuditReport {
  const around = (value: number) => ({ low: value - 0.01, high: value + 0.01 })
  const bins = [0.1, 0.3, 0.5, 0.7, 0.9].map((confidence, bin) => ({
    from: bin / 5,
    to: (bin + 1) / 5,
    cases: bin === 4 ? 0 : 900,
    confidence: bin === 4 ? Number.NaN : confidence,
    share: bin === 4 ? Number.NaN : 0.5 + (confidence - 0.5) * (auc - 0.5),
  }))
  return {
    provenance: { judge, options: {}, seed: 1 },
    users: 1000,
    planted: 2400,
    unobserved: 2390,
    popularity: { planted: 12, unobserved: 12 },
    invalid: 3,
    auc,
    interval: around(auc),
    averagePrecision: auc + 0.01,
    decisions: {
      truePositives: 1500,
      falsePositives: 900,
      trueNegatives: 1490,
      falseNegatives: 900,
      precision: 0.625,
      recall: 0.625,
      falsePositiveRate: 0.377,
      f1: 0.625,
    },
    reliability: { bins, expectedError: 0.123, brier: 0.251 },
    withPrefix: { cases: 4790, agreement: 1, kappa: 1 },
    controls: ['shuffled', 'relabelled'].map((codes, index) => ({
      codes,
      auc: [0.503, auc][index],
      interval: around([0.503, auc][index]),
      averagePrecision: 0.5,
      positives: 0.4,
      agreement: [0.5, 1][index],
    })),
    model: { auc: 0.7, interval: around(0.7) },
    rates: { prefix: [], popularity: [], history: [], score: [], position: [] },
  }
}

function sampleCalibration(): Calibration {
  return {
    cases: 4790,
    planted: 2400,
    isotonic: { x: [0], y: [0.5] },
    platt: { slope: 1, offset: 0 },
    errors: {
      judge: { expectedError: 0.123, brier: 0.251 },
      isotonic: { expectedError: 0.011, brier: 0.236 },
      platt: { expectedError: 0.018, brier: 0.237 },
    },
  }
}

/** Three users: the first with a held-out candidate judged positive, the second with one that was missed. */
function sampleInspector(): ReportInspector {
  const items = ['0-1-2', '0-1-3', '2-0', '2-0-1-1', '3-3-0', ''].map((structural, item) => ({
    id: 15138 + item,
    structural,
    semantic: `${item % 2}-0-${item}`,
    interactions: 12 * (6 - item),
  }))
  const near = (steps: number, item: number) => ({ steps, item })
  const candidate = (item: number, verdict: InspectedCandidate['verdict']): InspectedCandidate => ({
    item,
    verdict,
    confidence: verdict === 'positive' ? 0.875 : 0.25,
    nearest: { structural: near(item === 1 ? 2 : 0, 0), semantic: near(0, 0) },
  })
  return {
    users: 15_100,
    seed: 1,
    ranked: { method: 'dtl-ns', k: 50, part: 'test' },
    items,
    sample: [
      {
        id: 8779,
        history: [0, 2],
        historyLength: 2,
        candidates: [candidate(1, 'positive'), candidate(3, 'negative'), candidate(5, 'invalid')],
        heldOut: [
          { item: 1, part: 'test', rank: 3 },
          { item: 4, part: 'valid' },
        ],
        answer: '[{"candidate": 1, "label": "positive"}]',
      },
      {
        id: 9001,
        history: [1],
        historyLength: 350,
        candidates: [candidate(4, 'negative')],
        heldOut: [{ item: 4, part: 'valid' }],
      },
      { id: 'n/a', history: [3], historyLength: 1, candidates: [candidate(2, 'positive')], heldOut: [] },
    ],
  }
}

function row(method: string, recall: number, ndcg: number, seconds: number): ReportRow {
  const metrics = CUTOFFS.flatMap(k => [
    [`recall@${k}`, recall * (k / 20) ** 0.5],
    [`ndcg@${k}`, ndcg * (k / 20) ** 0.15],
    [`coverage@${k}`, Math.min(1, 0.3 * (k / 20) ** 0.5)],
    [`novelty@${k}`, 9.2314],
  ])
  return { method, protocol: 'strict', variant: 'history train', seconds, metrics: Object.fromEntries(metrics) }
}

function curve(method: string, epochs: number, top: number, bestEpoch: number): ReportCurve {
  const history = Array.from({ length: epochs }, (_, index) => {
    const epoch = index + 1
    const validation = top * (1 - Math.exp(-epoch / 18)) - Math.max(0, epoch - bestEpoch) * 0.0001
    return {
      epoch,
      loss: 0.25 + 0.44 * Math.exp(-index / (9 * top * 10)),
      accuracy: 0.9 - 0.2 * Math.exp(-epoch / 20),
      skipped: 0,
      ...(epoch % 5 === 0 && { validation }),
    }
  })
  return { method, history, bestEpoch }
}

function named(tree: ReportTree): ReportTree {
  const popular = [
    { item: '15138', interactions: 312 },
    { item: '8', interactions: 7 },
  ]
  return { ...tree, root: { ...tree.root, popular } }
}

/** @param skew how unequal sisters are, from 0 */
export function sampleTree(view: ReportTree['view'], items: number, skew: number): ReportTree {
  const root = grow(items, skew, 1)
  const leaves = leavesOf(root, 0)
  const depths = leaves.map(leaf => leaf.depth)
  const sizes = leaves.map(leaf => leaf.items)
  return {
    view,
    items,
    leaves: leaves.length,
    depthMin: Math.min(...depths),
    depthMean: leaves.reduce((sum, leaf) => sum + leaf.depth * leaf.items, 0) / items,
    depthMax: Math.max(...depths),
    leafMin: Math.min(...sizes),
    leafMean: items / leaves.length,
    leafMax: Math.max(...sizes),
    topBranches: root.children?.map(child => child.items) ?? [],
    orphans: view === 'structural' ? 3 : 0,
    root,
  }
}

function grow(items: number, skew: number, salt: number): ReportNode {
  if (items <= 30) return { items }
  const weights = [0, 1, 2, 3].map(child => 1 + skew * Math.sin(salt * 2.3 + child * 1.9))
  const total = weights.reduce((a, b) => a + b)
  const sizes = weights.slice(1).map(weight => Math.max(1, Math.round((items * weight) / total)))
  const rest = items - sizes.reduce((a, b) => a + b)
  return { items, children: [rest, ...sizes].map((size, child) => grow(size, skew, salt * 4 + child)) }
}

function leavesOf(node: ReportNode, depth: number): { items: number; depth: number }[] {
  return node.children ? node.children.flatMap(child => leavesOf(child, depth + 1)) : [{ items: node.items, depth }]
}
