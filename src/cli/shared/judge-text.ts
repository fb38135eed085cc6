/** What the judge commands say. */
import type { BatchCount } from '../../judges/llm/batch-api.ts'
import type { JobEstimate } from '../../judges/llm/estimate.ts'
import { suggestRetries } from '../../judges/llm/faults.ts'
import type { ImportCount } from '../../judges/llm/import-results.ts'
import type { JobStatus } from '../../judges/llm/status.ts'
import { duration, money, percent, roughCount } from '../../numbers.ts'
import type { JudgeJob } from '../../run/stages/judge-job.ts'
import { formatTable } from './table.ts'

export function formatEstimate(estimate: JobEstimate, currency: string | undefined): string {
  const { prompts, answered, candidates, promptTokens, completionTokens, histogram, overflow, cost, seconds } = estimate
  const most = Math.max(1, ...histogram.map(bin => bin.prompts))
  const bins = histogram.map(({ from, to, prompts: count }) => [
    `${from} to ${to}`,
    String(count),
    '█'.repeat(Math.ceil((30 * count) / most)).padEnd(30),
  ])
  const lines = [
    `${prompts} prompts about ${candidates} candidates, ${answered} of them answered`,
    `tokens left: about ${roughCount(promptTokens)} to read, ${roughCount(completionTokens)} to write (estimates)`,
    `cost left: ${cost === undefined ? 'unknown (give a price file with --prices)' : `about ${money(cost, currency)}`}`,
    'before you pay: "dualtree study headroom DATA" measures with an oracle what judging could change here',
    `time left: ${seconds === undefined ? 'unknown (ask a sample first, or give --tokens-per-second)' : `about ${duration(seconds)}`}`,
    `histories cut to fit the context: ${overflow}`,
    ...(bins.length > 0 ? ['', formatTable(['tokens per prompt', 'prompts', ''], bins)] : []),
  ]
  const samples = estimate.samples.map(({ user }, index) => `── user text of sample prompt ${index + 1} ──\n${user}`)
  const [first] = estimate.samples
  return [...lines, '', ...(first ? [`── system text of every prompt ──\n${first.system}`, ...samples] : [])].join('\n')
}

export function formatStatus(status: JobStatus, currency: string | undefined, directory: string): string {
  const { prompts, done, open, positive, negative, invalid, spent, reserved, cost, projectedCost } = status
  const verdicts = positive + negative + invalid
  const counts = (record: Readonly<Record<string, number>>) =>
    Object.entries(record)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ') || 'none'
  return [
    `${done} of ${prompts} prompts done (${percent(done, prompts)}), ${open} left`,
    `verdicts: ${positive} positive (${percent(positive, verdicts)}), ${negative} negative, ${invalid} invalid; ${percent(positive + negative, verdicts)} valid`,
    `answers with faults: ${counts(status.faults)}`,
    ...suggestRetries(directory, status.faults).map(line => `  ${line}`),
    ...(status.damaged > 0 ? [`damaged answers, ignored and asked again: ${status.damaged}`] : []),
    ...(status.inBatches > 0
      ? [`in batches: ${status.inBatches} prompts; "dualtree judge collect ${directory}" collects their answers`]
      : []),
    `retries: ${counts(status.failedTries)}`,
    `tokens: ${roughCount(spent.promptTokens)} read (${roughCount(spent.cachedTokens)} from a cache), ${roughCount(spent.completionTokens)} written`,
    ...(reserved.promptTokens > 0
      ? [`in flight: at most ${roughCount(reserved.promptTokens + reserved.completionTokens)} tokens`]
      : []),
    `cost: ${money(cost, currency)}${projectedCost === undefined ? '' : `, ${money(projectedCost, currency)} in all when it goes on like this`}`,
  ].join('\n')
}

/** What became of batches, and what comes next. */
export function formatBatches({ count, open }: { count: BatchCount; open: number }, directory: string): string {
  const { submitted, prompts, collected, taken, failed, underWay, failures } = count
  const next =
    open === 0
      ? `every prompt is answered: "dualtree judge parse ${directory}" makes the verdicts`
      : `${open} prompts have no answer yet; "dualtree judge collect ${directory}" resumes, with --wait until all are answered`
  return [
    `${submitted} batches submitted (${prompts} prompts), ${collected} collected (${taken} answers), ${underWay} under way`,
    ...(failed > 0 ? [`${failed} results without an answer: their prompts are open again`] : []),
    ...failures.map(message => `the server says: ${message}`),
    next,
  ].join('\n')
}

/** What an import brought, and what comes next. */
export function formatImport({ taken, known, foreign, failed }: ImportCount, { directory }: JudgeJob): string {
  const next = `"dualtree judge parse ${directory}" makes verdicts of them when all are there`
  return [
    `${taken} answers taken, ${known} known already`,
    ...(failed > 0 ? [`${failed} results without an answer stay open: export again for them`] : []),
    ...(foreign > 0
      ? [`${foreign} results belong to other prompts (another model, mode, seed or run) and were ignored`]
      : []),
    next,
  ].join('\n')
}
