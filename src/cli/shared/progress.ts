/**
 * What a person sees of a run, on stderr: a task list with bars where there is a terminal, plain lines elsewhere.
 * Tasks appear as their stages start, since what is reused or skipped is only known then.
 */
import { DefaultRenderer, Listr, ListrLogger, ProcessOutput } from 'listr2'
import { duration } from '../../numbers.ts'
import type { RunEvent } from '../../run/stage.ts'
import { wrapText } from './table.ts'

export interface RunView {
  emit(event: RunEvent): void
  /** Says something at once, whatever is being drawn. */
  notice(text: string): void
  /** Ends the drawing; with an error the running task is shown as failed. */
  close(error?: unknown): Promise<void>
}

/** Whether a person is watching. */
export function isInteractive(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env.CI && process.env.TERM !== 'dumb'
}

export function createView(stream: NodeJS.WriteStream, quiet: boolean): RunView {
  if (quiet) return { emit() {}, notice: text => stream.write(`${text}\n`), close: async () => {} }
  return isInteractive(stream) ? taskListView(stream) : plainView(stream)
}

/** Seconds between two lines of progress in a log, the most that pass without one, and the longest line. */
const LOG_INTERVAL = 15
const LOG_SILENCE = 25
const LOG_WIDTH = 100

/** A line for what happens, and one from time to time where nothing is said of a stage: a log that stands still looks dead. */
function plainView(stream: NodeJS.WriteStream): RunView {
  const eta = createEta()
  let [last, started] = [performance.now(), performance.now()]
  let stage: string | undefined
  const write = (text: string) => {
    last = performance.now()
    stream.write(`${wrapText(text, LOG_WIDTH)}\n`)
  }
  const since = (moment: number) => (performance.now() - moment) / 1000
  const alive = setInterval(() => {
    if (stage !== undefined && since(last) >= LOG_SILENCE) write(`  ${stage}: ${duration(since(started))} so far`)
  }, 1000).unref()
  return {
    emit(event) {
      if (event.type === 'stage-start') {
        eta.start()
        stage = event.stage
        started = performance.now()
        write(`${event.title} …`)
      } else if (event.type === 'message') write(`  ${event.text}`)
      else if (event.type === 'stage-end') {
        stage = undefined
        write(`  ${event.stage}: ${describeEnd(event)}`)
      } else if (since(last) > LOG_INTERVAL) write(`  ${describeProgress(event, eta)}`)
    },
    notice: write,
    async close() {
      clearInterval(alive)
    },
  }
}

/** Milliseconds between two drawings of a bar: a batch may take one. */
const DRAW_INTERVAL = 100

/** A task of a listr2 list of its own, driven from outside. */
interface OpenTask {
  readonly title: string
  readonly handle: { title: string; output: string }
  readonly messages: string[]
  /** Ends the task and waits until its last state is drawn. */
  finish(error?: Error): Promise<void>
}

function taskListView(stream: NodeJS.WriteStream): RunView {
  const eta = createEta()
  let open: OpenTask | undefined
  let drawn = 0
  // events come faster than listr2 starts and ends tasks: each waits for the one before
  let queue = Promise.resolve()
  const say = (text: string) => stream.write(`${wrapText(`  ${text}`, stream.columns)}\n`)
  const enqueue = (step: () => Promise<void>) => {
    queue = queue.then(step)
  }
  return {
    emit(event) {
      if (event.type === 'progress') {
        const progress = describeProgress(event, eta)
        if (performance.now() - drawn < DRAW_INTERVAL) return
        drawn = performance.now()
        enqueue(async () => {
          if (open) open.handle.output = progress
        })
      } else if (event.type === 'stage-start') {
        eta.start()
        enqueue(async () => {
          open = await openTask(event.title, stream)
        })
      } else {
        enqueue(async () => {
          // between two stages nothing is drawn
          if (event.type === 'message') open ? open.messages.push(event.text) : say(event.text)
          else if (open) {
            open.handle.title = `${open.title}: ${describeEnd(event)}`
            await open.finish()
            for (const text of open.messages) say(text)
            open = undefined
          }
        })
      }
    },
    notice(text) {
      enqueue(async () => {
        // what is written beside a drawing is held back until that ends
        if (open) open.handle.title = `${open.title}: ${text}`
        else stream.write(`${text}\n`)
      })
    },
    async close(error) {
      enqueue(async () => open?.finish(error === undefined ? undefined : new Error(open.title)))
      await queue
    },
  }
}

/** listr2 looks at stdout to see whether somebody watches; what counts here is stderr, and `isInteractive` has looked. */
class TaskListRenderer extends DefaultRenderer {
  static override nonTTY = true
}

async function openTask(title: string, stream: NodeJS.WriteStream): Promise<OpenTask> {
  const ending = Promise.withResolvers<void>()
  const started = Promise.withResolvers<OpenTask['handle']>()
  const list = new Listr(
    [
      {
        title,
        task: (_, handle) => {
          started.resolve(handle)
          return ending.promise
        },
      },
    ],
    {
      registerSignalListeners: false,
      renderer: TaskListRenderer,
      rendererOptions: {
        // the two must differ: a stream that is held back twice is never let go again
        logger: new ListrLogger({ useIcons: false, processOutput: new ProcessOutput(stream, process.stdout) }),
      },
    },
  )
  const drawn = list.run().then(
    () => {},
    // the error is the caller's, who throws it on
    () => {},
  )
  return {
    title,
    handle: await started.promise,
    messages: [],
    finish(error) {
      if (error) ending.reject(error)
      else ending.resolve()
      return drawn
    },
  }
}

function describeEnd({ seconds, reused }: { seconds: number; reused: boolean }): string {
  return reused ? `reused (made in ${duration(seconds)})` : duration(seconds)
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
      return `ETA at most ${duration(perUnit * (total - done))}`
    },
  }
}
