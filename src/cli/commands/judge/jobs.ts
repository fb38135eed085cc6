/** Commands on the questions that a run has for a language model: asked, looked at, read. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { estimateJob } from '../../../judges/llm/estimate.ts'
import { badAnswers, type RetryKind, remedyFor, retryKinds, shownFaults } from '../../../judges/llm/faults.ts'
import { readPrice } from '../../../llm/prices.ts'
import { type JudgeJob, openJudgeJob } from '../../../run/stages/judge-job.ts'
import {
  inJob,
  type JudgeRunResult,
  lastJobStatus,
  openLastJob,
  parseJob,
  retryJob,
  runJudgeJob,
} from '../../../run/stages/judge-run.ts'
import { labelsOf, readTitles } from '../../../run/titles.ts'
import { givenOptions } from '../../shared/flags.ts'
import { jobCommand } from '../../shared/judge-command.ts'
import { formatEstimate, formatStatus } from '../../shared/judge-text.ts'
import { inView, type Printed, type SessionFlags, show } from '../../shared/session.ts'
import { integerFrom } from '../../shared/values.ts'
import { printVerdicts } from './stage.ts'

type ShowFlags = SessionFlags & { faults: (typeof shownFaults)[number]; first: number }

export const jobs = {
  /** `dualtree judge plan <run>`: what it would take. Nothing is sent. */
  plan(command: Command): void {
    jobCommand(command)
      .option(
        '--tokens-per-second <x>',
        'speed of all servers together, tokens read and written (default: what earlier answers took, one by one)',
        parseSpeed,
      )
      .action(async (directory: string, flags: SessionFlags & { tokensPerSecond?: number }) => {
        const job = await openJudgeJob(directory, givenOptions(flags))
        const price = await priceOf(job)
        const estimate = await inJob(job, session =>
          estimateJob(session, job.options.llmModel, price, flags.tokensPerSecond),
        )
        show({ text: formatEstimate(estimate, price?.currency), json: { directory, ...estimate } }, flags)
      })
  },

  /** `dualtree judge run <run>`: asks what has no answer yet, within budgets; any number of processes at once. */
  run(command: Command): void {
    jobCommand(command)
      .option('--sample <n>', 'ask only so many prompts, drawn by the seed', integerFrom(1))
      .action(async (directory: string, flags: SessionFlags & { sample?: number }) => {
        const job = await openJudgeJob(directory, givenOptions(flags))
        const result = await inView(flags, watch => runJudgeJob(job, flags.sample, watch))
        show(await printJudged(job, result, flags.sample), flags)
      })
  },

  /** `dualtree judge resume <run>`: the last `judge run` again, whole, with the options that it had. */
  resume(command: Command): void {
    jobCommand(command).action(async (directory: string, flags: SessionFlags) => {
      const job = await openLastJob(directory, givenOptions(flags))
      show(await printJudged(job, await inView(flags, watch => runJudgeJob(job, undefined, watch))), flags)
    })
  },

  /** `dualtree judge retry <run> --only invalid`: asks some answered prompts again, with another seed; old answers are kept. */
  retry(command: Command): void {
    const kinds = 'answers without a valid verdict, answers that were cut off, or prompts that got no answer'
    jobCommand(command)
      .addOption(new Option('--only <kind>', kinds).choices(retryKinds).makeOptionMandatory())
      .action(async (directory: string, flags: SessionFlags & { only: RetryKind }) => {
        const job = await openLastJob(directory, givenOptions(flags))
        const marked = await retryJob(job, flags.only)
        const result = await inView(flags, watch => runJudgeJob(job, undefined, watch))
        const { text, json } = await printJudged(job, result)
        show({ text: `${marked} asked again\n${text}`, json: { retried: marked, ...(json as object) } }, flags)
      })
  },

  /** `dualtree judge status <run>`: where the last job stands; also while it is at work. */
  status(command: Command): void {
    jobCommand(command).action(async (directory: string, flags: SessionFlags) => {
      const { status, currency } = await lastJobStatus(directory, givenOptions(flags))
      show({ text: formatStatus(status, currency, directory), json: { directory, ...status } }, flags)
    })
  },

  /** `dualtree judge show <run> --faults invalid`: the first bad answers word for word, with their prompts. */
  show(command: Command): void {
    jobCommand(command)
      .addOption(new Option('--faults <kind>', 'which answers').choices(shownFaults).default('all'))
      .option('--first <n>', 'how many', integerFrom(1), 3)
      .action(async (directory: string, flags: ShowFlags) => {
        const job = await openLastJob(directory, givenOptions(flags))
        const answers = await inJob(job, session => badAnswers(session, flags.faults, flags.first))
        const { itemIds } = job.context.train
        const labelOf = labelsOf(itemIds, await readTitles(directory, itemIds))
        const blocks = answers.map(({ fault, user, items, prompt, answer }) =>
          [
            ...[`── user ${user}: ${fault} ──`, prompt.user],
            `── items: ${items.map(id => labelOf(itemIds.indexOf(id))).join('; ')}`,
            ...['── answer ──', answer, `── remedy: ${remedyFor(fault)}`],
          ].join('\n'),
        )
        const [first] = answers
        const system = first ? [`── system text of every prompt ──\n${first.prompt.system}`] : []
        const text = first ? [...system, ...blocks].join('\n\n') : `no answers with faults (${flags.faults})`
        show({ text, json: { directory, answers } }, flags)
      })
  },

  /** `dualtree judge parse <run>`: reads the kept answers again into the run's verdicts; nobody is asked. */
  parse(command: Command): void {
    jobCommand(command).action(async (directory: string, flags: SessionFlags) => {
      const job = await openLastJob(directory, givenOptions(flags))
      const { run } = await inView(flags, watch => parseJob(job, watch))
      const elsewhere = { text: 'another process is writing the verdicts of this run', json: { directory } }
      show(run ? printVerdicts(run) : elsewhere, flags)
    })
  },
}

function parseSpeed(text: string): number {
  const speed = Number(text)
  if (!(speed > 0)) throw new InvalidArgumentError(`expected a number above 0, got "${text}"`)
  return speed
}

const priceOf = ({ asking, options }: JudgeJob) => readPrice(asking.prices, options.llmModel)

/** What a job that was asked says at its end. */
async function printJudged(job: JudgeJob, { status, run }: JudgeRunResult, sample?: number): Promise<Printed> {
  const currency = (await priceOf(job))?.currency
  const next =
    sample === undefined
      ? 'all prompts are answered; another process is writing the verdicts'
      : `a sample of ${sample}: the rest with "dualtree judge resume ${job.directory}"`
  const verdicts = run && printVerdicts(run)
  return {
    text: `${formatStatus(status, currency, job.directory)}\n${verdicts ? `\n${verdicts.text}` : next}`,
    json: { directory: job.directory, ...status, ...(currency && { currency }), ...(verdicts?.json as object) },
  }
}
