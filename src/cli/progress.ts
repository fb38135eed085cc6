/**
 * What a person sees of a run, on stderr: a task list with bars where there is a terminal, plain lines elsewhere.
 * Tasks appear as their stages start, since what is reused or skipped is only known then.
 */
import { Listr, ProcessOutput } from 'listr2'
import type { RunEvent } from '../pipeline/stage.ts'
import { formatSeconds } from './table.ts'

export interface RunView {
  emit(event: RunEvent): void
  /** Ends the drawing; with an error the running task is shown as failed. */
  close(error?: unknown): Promise<void>
}

/** Whether a person is watching. */
export function isInteractive(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env.CI && process.env.TERM !== 'dumb'
}

export function createView(stream: NodeJS.WriteStream, quiet: boolean): RunView {
  if (quiet) return { emit() {}, close: async () => {} }
  return isInteractive(stream) ? taskListView(stream) : plainView(stream)
}

/** Seconds between two lines of progress in a log. */
const LOG_INTERVAL = 15

function plainView(stream: NodeJS.WriteStream): RunView {
  const eta = createEta()
  let last = performance.now()
  return {
    emit(event) {
      const { type, stage } = event
      if (type === 'stage-start') {
        eta.start()
        last = performance.now()
        stream.write(`${event.title} …\n`)
      } else if (type === 'message') stream.write(`  ${event.text}\n`)
      else if (type === 'stage-end') stream.write(`  ${stage}: ${describeEnd(event)}\n`)
      else if (performance.now() - last > LOG_INTERVAL * 1000) {
        last = performance.now()
        stream.write(`  ${describeProgress(event, eta)}\n`)
      }
    },
    close: async () => {},
  }
}

/** One task of the list, driven from outside. */
interface OpenTask {
  update(text: string): void
  rename(title: string): void
  finish(error?: unknown): void
}

function taskListView(stream: NodeJS.WriteStream): RunView {
  const eta = createEta()
  let open: { task: Promise<OpenTask>; title: string; done: Promise<unknown>; said: string[] } | undefined
  let queue = Promise.resolve()
  const start = (title: string) => {
    let finished!: (error?: unknown) => void
    const ended = new Promise<void>((resolve, reject) => {
      finished = error => (error === undefined ? resolve() : reject(error))
    })
    let ready!: (task: OpenTask) => void
    const task = new Promise<OpenTask>(resolve => {
      ready = resolve
    })
    const list = new Listr(
      [
        {
          title,
          task: (_, handle) => {
            ready({
              update: text => {
                handle.output = text
              },
              rename: text => {
                handle.title = text
              },
              finish: finished,
            })
            return ended
          },
          rendererOptions: { outputBar: Number.POSITIVE_INFINITY, persistentOutput: true },
        },
      ],
      {
        processOutput: new ProcessOutput(stream, stream),
        rendererOptions: { processOutput: new ProcessOutput(stream, stream) },
      } as never,
    )
    return { task, title, done: list.run().catch(() => {}), said: [] as string[] }
  }
  const then = (step: () => Promise<void> | void) => {
    queue = queue.then(step)
  }
  return {
    emit(event) {
      if (event.type === 'stage-start') {
        then(() => {
          eta.start()
          open = start(event.title)
        })
        return
      }
      then(async () => {
        if (!open) return
        const task = await open.task
        if (event.type === 'message') open.said.push(event.text)
        if (event.type === 'stage-end') {
          task.update(open.said.join('\n'))
          task.rename(`${open.title}: ${describeEnd(event)}`)
          task.finish()
          await open.done
          open = undefined
        } else
          task.update([...open.said, ...(event.type === 'progress' ? [describeProgress(event, eta)] : [])].join('\n'))
      })
    },
    async close(error) {
      then(async () => {
        if (!open) return
        const task = await open.task
        task.finish(error === undefined ? undefined : new Error(open.title))
        await open.done
      })
      await queue
    },
  }
}

function describeEnd({ seconds, reused }: { seconds: number; reused: boolean }): string {
  return reused ? `reused (made in ${formatSeconds(seconds)})` : formatSeconds(seconds)
}

function describeProgress(event: Extract<RunEvent, { type: 'progress' }>, eta: ReturnType<typeof createEta>): string {
  const { done, total, detail } = event
  const width = 24
  const filled = Math.round((done / total) * width)
  const bar = `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`
  const parts = [`${bar} ${Math.floor((100 * done) / total)} %`, detail ?? '', eta.estimate(done, total)]
  return parts.filter(part => part !== '').join(' · ')
}

/** Time left, from the pace since the first report of a stage (a resumed stage starts in the middle). */
function createEta() {
  let first: { done: number; at: number } | undefined
  return {
    start() {
      first = undefined
    },
    estimate(done: number, total: number): string {
      const now = performance.now()
      first ??= { done, at: now }
      if (done <= first.done || now - first.at < 1000) return ''
      const perUnit = (now - first.at) / 1000 / (done - first.done)
      return `ETA at most ${formatSeconds(perUnit * (total - done))}`
    },
  }
}
