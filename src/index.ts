/** The library. Every stage is a function of its arguments; nothing here does anything when it is imported. */

export {
  type ComparedMethod,
  type Comparison,
  compareMethods,
  compareWithin,
  comparisonOptions,
  type GroupComparison,
} from './comparison/compare.ts'
export type { GroupResult } from './comparison/groups.ts'
// the whole job, on a run directory
export { type RescoredRun, rescoreOptions, rescoreRun } from './comparison/rescore.ts'
export { compareRuns, compareRunsOptions, type MethodResult, type RunComparison } from './comparison/runs.ts'
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
export { type DataEvent, loadSplit } from './dataset/load.ts'
export { type PlantedData, plantedData, plantedOptions } from './dataset/planted.ts'
export type { DataReport } from './dataset/report.ts'
export { type SourceOptions, sourceOptions } from './dataset/source.ts'
export { createSplit, type Split } from './dataset/split.ts'
export { readSplit, writeSplit } from './dataset/store.ts'
export { sealTruth, type Truth } from './dataset/truth.ts'
export { generateCandidates } from './enhance/candidates.ts'
export { applyVerdicts, type Enhanced, enhanceOptions } from './enhance/enhance.ts'
export { BudgetError, DataError, DualtreeError, OutputError, RunError, UsageError } from './errors.ts'
export { createValidation, type Evaluation, evaluate } from './evaluation/evaluate.ts'
export { type JudgeAccuracy, judgeAccuracy } from './evaluation/judge-accuracy.ts'
export { observed, releasedSeen, seenAt, type TestMask, withoutHeldOut } from './evaluation/protocols.ts'
export { type AuditReport, type AuditRequest, auditJudge } from './judge-audit/audit.ts'
export { type Calibration, calibrateVerdicts, fitCalibration } from './judge-audit/calibration.ts'
export { controlCodes, controlNames } from './judge-audit/controls.ts'
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
export { type ModelAnswer, parseAnswer, type Reading } from './judges/parse.ts'
export { type AuditCases, plantCases } from './judges/planted-cases.ts'
export { answerSchema, buildPrompt, type PromptMode, promptHash, promptModes } from './judges/prompt.ts'
// the fast layer
export type { Codes, CsrMatrix, CsrPattern, Kernels, Negatives, Tables } from './kernels/interface/kernels.ts'
export { createReferenceKernels } from './kernels/reference/reference.ts'
export { createKernels } from './kernels/wasm/wasm.ts'
export { type Audit, auditLeakage } from './leakage/audit.ts'
export { metrics } from './metrics/index.ts'
export { defineListMetric, defineUserMetric, type MetricDefinition } from './metrics/metric.ts'
export { defineBaseline } from './models/baselines/baseline.ts'
export { baselines } from './models/baselines/index.ts'
export { type Embeddings, embeddingRecommender } from './models/embeddings.ts'
// parts: what there is, and how to make one
export { models } from './models/index.ts'
export {
  type BaselineDefinition,
  defineEmbeddingModel,
  type EmbeddingDefinition,
  type EmbeddingModel,
  type Recommendations,
  type Recommender,
  type RecommendRequest,
} from './models/model.ts'
export { loadEmbeddings, saveEmbeddings } from './models/model-file.ts'
export type { Scorer, TrainedScorer } from './models/scorer.ts'
export { objectives } from './objectives/index.ts'
export { defineObjective, type ObjectiveDefinition } from './objectives/objective.ts'
export { writeReport } from './report/run-report.ts'
export { reproduceSports, type SportsReproduction } from './research/repro/sports.ts'
export { studies } from './research/studies/index.ts'
export { runStudy, type StudyRequest } from './research/studies/run-study.ts'
export { defineStudy, type StudyDefinition, type StudyRow, type Variant } from './research/studies/study.ts'
export { compareTunedMethods, type MethodsRequest, type MethodsResult } from './research/sweeps/compare-methods.ts'
export { parseMethod } from './research/sweeps/method.ts'
export { type SweepOptions, sweepOptions } from './research/sweeps/options.ts'
export { parseSpace, type Space } from './research/sweeps/space.ts'
export { type SweepRequest, type SweepResult, sweep, type Training } from './research/sweeps/sweep.ts'
export { type FitRequest, type Fitted, fitRun } from './run/fit.ts'
export {
  type MethodSummary,
  type MetricsFile,
  type MetricsRow,
  metricsFileSchema,
  overSeeds,
} from './run/metrics-file.ts'
export { type OptionGroup, optionGroups } from './run/options/groups.ts'
export { type PartChoice, planRun, type RunPlan } from './run/options/plan.ts'
export { presets } from './run/options/presets/index.ts'
export type { Preset } from './run/options/presets/preset.ts'
export { runOptions } from './run/options/run-options.ts'
export { listParts, type PartKind } from './run/parts.ts'
export { type RunRequest, type RunResult, type RunTarget, run, runTargets } from './run/run.ts'
export type { Manifest, RunEvent } from './run/stage.ts'
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
export { type ExportRequest, exportModel } from './serving/export-model.ts'
export { type FittedModel, fitModel } from './serving/fit.ts'
export { type FitOptions, fit } from './serving/fit-interactions.ts'
export { openModel } from './serving/open-model.ts'
export { openServing } from './serving/open-run.ts'
export type {
  Answer,
  ItemInfo,
  RankRequest,
  RecommendRequest as ServingRequest,
  SimilarRequest,
} from './serving/schema.ts'
export type { ModelInfo, ServingModel } from './serving/serving-model.ts'
export { benjaminiHochberg, holm } from './statistics/corrections.ts'
export { checkpointFile, type EpochRecord, type TrainingState } from './training/checkpoint.ts'
export { type TrainingOptions, trainingOptions } from './training/options.ts'
// the stages one by one
export { type TrainRequest, type TrainResult, train } from './training/trainer.ts'
export { buildTrees, codesOf, type Trees } from './trees/build.ts'
export { codeOf, codeSimilarity, formatCode, parseCode, type ViewCodes } from './trees/codes.ts'
export { type TreeOptions, treeOptions } from './trees/options.ts'
export { version } from './version.ts'
