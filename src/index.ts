/** The library. Every stage is a function of its arguments; nothing here does anything when it is imported. */

// the whole job, on a run directory
export { type RescoredRun, rescoreRun } from './comparison/rescore.ts'
export { compareRuns, type MethodResult, type RunComparison } from './comparison/runs.ts'
export {
  createDataset,
  createVocabulary,
  type Dataset,
  type ExternalId,
  type Pairs,
  pairsOf,
  type Vocabulary,
  withPositives,
} from './dataset/dataset.ts'
export { defineFormat, type FormatDefinition } from './dataset/formats/format.ts'
export { formats } from './dataset/formats/index.ts'
// data
export { loadSplit } from './dataset/load.ts'
export { plantedData } from './dataset/planted.ts'
export type { DataReport } from './dataset/report.ts'
export type { SourceOptions } from './dataset/source.ts'
export { createSplit, type Split } from './dataset/split.ts'
export { readSplit, writeSplit } from './dataset/store.ts'
export { sealTruth, type Truth } from './dataset/truth.ts'
export { generateCandidates } from './enhance/candidates.ts'
export { applyVerdicts, type Enhanced } from './enhance/enhance.ts'
export { BudgetError, DataError, DualtreeError, OutputError, RunError, UsageError } from './errors.ts'
export { type Evaluation, evaluate } from './evaluation/evaluate.ts'
export { type JudgeAccuracy, judgeAccuracy } from './evaluation/judge-accuracy.ts'
export { observed, seenAt } from './evaluation/protocols.ts'
export { createValidation } from './evaluation/validation.ts'
export { defineFeature, type FeatureDefinition } from './features/feature.ts'
export { type AuditReport, type AuditRequest, auditJudge } from './judge-audit/audit.ts'
export { type Calibration, calibrateVerdicts } from './judge-audit/calibration.ts'
export { aiSdkJudge } from './judges/ai-sdk.ts'
export { judges } from './judges/index.ts'
export {
  type Candidates,
  defineJudge,
  INVALID,
  type Judge,
  type JudgeDefinition,
  NEGATIVE,
  NO_CANDIDATE,
  POSITIVE,
  type Verdicts,
} from './judges/judge.ts'
export { parseAnswer } from './judges/parse.ts'
export { answerSchema, buildPrompt } from './judges/prompt.ts'
// the fast layer
export type { Codes, CsrMatrix, CsrPattern, Kernels, Negatives, Tables } from './kernels/interface/kernels.ts'
export { createReferenceKernels } from './kernels/reference/reference.ts'
export { createKernels } from './kernels/wasm/wasm.ts'
export { auditLeakage, type LeakageReport } from './leakage/leakage.ts'
export { metrics } from './metrics/index.ts'
export { defineListMetric, defineUserMetric, type MetricDefinition } from './metrics/metric.ts'
export { defineBaseline } from './models/baselines/baseline.ts'
export { baselines } from './models/baselines/index.ts'
export { type Embeddings, embeddingRecommender } from './models/embeddings.ts'
// parts: what there is, and how to make one
export { models } from './models/index.ts'
export type { Scorer, TrainedScorer } from './models/model.ts'
export {
  type BaselineDefinition,
  defineEmbeddingModel,
  type EmbeddingDefinition,
  type EmbeddingModel,
  type FitContext,
  type LongFit,
} from './models/model.ts'
export { loadEmbeddings, saveEmbeddings } from './models/model-file.ts'
export type { Recommendations, Recommender, RecommendRequest } from './models/recommender.ts'
export { tieRanks } from './models/ties.ts'
export { objectives } from './objectives/index.ts'
export { defineObjective, defineVectorObjective, type ObjectiveDefinition } from './objectives/objective.ts'
export type { Choice, Part } from './registry.ts'
export { writeReport } from './report/run-report.ts'
export { studies } from './research/studies/index.ts'
export { runStudy, type StudyRequest } from './research/studies/run-study.ts'
export { defineStudy, type StudyDefinition } from './research/studies/study.ts'
export { compareTunedMethods, type MethodsRequest, type MethodsResult } from './research/sweeps/compare-methods.ts'
export type { SweepOptions } from './research/sweeps/options.ts'
export { type SweepRequest, type SweepResult, sweep } from './research/sweeps/sweep.ts'
export { type ExportTablesRequest, exportTables } from './run/export-tables.ts'
export { type FitRequest, type Fitted, fitRun } from './run/fit.ts'
export type { MetricsFile, MetricsRow } from './run/metrics-file.ts'
export type { RunPlan } from './run/options/plan.ts'
export { presets } from './run/options/presets/index.ts'
export type { Preset } from './run/options/presets/preset.ts'
export type { RunOptions } from './run/options/typed.ts'
export { withParts } from './run/own-parts.ts'
export { listParts } from './run/parts.ts'
export type { RunRequest, RunResult, RunTarget } from './run/request.ts'
export { run } from './run/run.ts'
export type { RunEvent } from './run/stage.ts'
export { type SamplerChoice, samplers } from './samplers/index.ts'
export {
  defineSampler,
  defineSamplerDecorator,
  defineScoringSampler,
  type Sampler,
  type SamplerDefinition,
  type SamplerLearning,
  type ScoringSampler,
} from './samplers/sampler.ts'
export type {
  Answer,
  ItemInfo,
  RankRequest,
  RecommendRequest as ServingRequest,
  SimilarRequest,
} from './serving/answers/schema.ts'
export { type ExportRequest, exportModel } from './serving/export-model.ts'
export { type FittedModel, fitModel } from './serving/fit.ts'
export { type FitOptions, fit } from './serving/fit-interactions.ts'
export { openModel } from './serving/model/open-model.ts'
export { openServing } from './serving/model/open-run.ts'
export type { ModelInfo, ServingModel } from './serving/model/serving-model.ts'
export type { EpochRecord } from './training/checkpoint.ts'
export type { TrainingOptions } from './training/options.ts'
// the stages one by one
export { type TrainRequest, type TrainResult, train } from './training/trainer.ts'
export { buildTrees, codesOf, type Trees } from './trees/build.ts'
export { codeOf, codeSimilarity, formatCode, parseCode } from './trees/checked-codes.ts'
export type { ViewCodes } from './trees/codes.ts'
export type { TreeOptions } from './trees/options.ts'
export { version } from './version.ts'
