/** The commands, as data: each is imported only when it is called or its help is asked for. */
import { among, type CommandEntry } from '../shared/add-commands.ts'

const stage = among(async () => (await import('./stages.ts')).stages)

export const commands: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'end to end on synthetic data with planted ground truth, in about a minute',
    load: () => import('./demo.ts'),
  },
  {
    name: 'run',
    summary: 'end to end: from interactions to a table, a report and a model',
    load: () => import('./run.ts'),
  },
  { name: 'baselines', summary: 'fit and evaluate the baselines alone', load: () => import('./baselines.ts') },
  { name: 'data', summary: 'read, filter and split interactions', load: stage('data') },
  { name: 'train', summary: 'train the base model', load: stage('train') },
  { name: 'trees', summary: 'build the two index trees', load: stage('trees') },
  { name: 'candidates', summary: 'list the items that are judged', load: stage('candidates') },
  { name: 'judge', summary: 'judge the candidates', load: () => import('./judge/index.ts') },
  { name: 'evaluate', summary: 'train DTL-NS and evaluate all methods', load: stage('evaluate') },
  {
    name: 'job',
    summary: 'cut a stage into shards for Slurm, Kubernetes, Ray or any other scheduler',
    load: () => import('./job/index.ts'),
  },
  {
    name: 'spark',
    summary: 'prepare data that outgrows one machine: split, item graph, base model, candidates',
    load: () => import('./spark.ts'),
  },
  { name: 'ray', summary: 'run the shards of a job on a Ray cluster', load: () => import('./ray.ts') },
  {
    name: 'study',
    summary: 'answer one question by many runs: a table, a figure and a paragraph',
    load: () => import('./study.ts'),
  },
  {
    name: 'repro',
    summary: 'reproduce published configurations beside our own, with tolerance bands',
    load: () => import('./repro.ts'),
  },
  {
    name: 'audit-leakage',
    summary: 'check files of an experiment for held-out data where it must not be',
    load: () => import('./audit-leakage.ts'),
  },
  {
    name: 'compare',
    summary: 'compare methods of finished runs, paired by user: intervals, effect sizes, corrected p',
    load: () => import('./compare.ts'),
  },
  {
    name: 'samplers',
    summary: 'compare the negatives of each sampler, and their cost',
    load: () => import('./samplers.ts'),
  },
  {
    name: 'rescore',
    summary: 'score a finished run by the definitions of RecBole, RecTools, elliot, LensKit and implicit',
    load: () => import('./rescore.ts'),
  },
  {
    name: 'fit',
    summary: 'fit the best row on all data: the model that is served',
    load: () => import('./fit.ts'),
  },
  { name: 'recommend', summary: 'recommend items to users, or to a history', load: () => import('./recommend.ts') },
  { name: 'similar', summary: 'list items that go with others', load: () => import('./similar.ts') },
  { name: 'rank', summary: 'put given items in order for a user, or for a history', load: () => import('./rank.ts') },
  {
    name: 'export',
    summary: 'write a model as a folder, or its vectors for pgvector, Qdrant, usearch or Parquet',
    load: () => import('./export.ts'),
  },
  {
    name: 'serve',
    summary: 'recommendations over HTTP: API, events, metrics, a playground page',
    load: () => import('./serve.ts'),
  },
  {
    name: 'promote',
    summary: 'replace the served run with a new one, unless it is shown to be worse',
    load: () => import('./promote.ts'),
  },
  {
    name: 'events',
    summary: 'use the event log of a server: report click-through, export for training',
    load: () => import('./events.ts'),
  },
  {
    name: 'sweep',
    summary: 'search the options of a method on validation data',
    load: () => import('./sweep.ts'),
  },
  {
    name: 'compare-methods',
    summary: 'tune several methods alike, then compare them on test data',
    load: () => import('./compare-methods.ts'),
  },
  {
    name: 'list',
    summary: 'list models, baselines, samplers, objectives, metrics, formats, judges, studies and presets',
    load: () => import('./list.ts'),
  },
]
