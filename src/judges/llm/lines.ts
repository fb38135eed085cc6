/** Tasks that wait for an endpoint: each has a line, and a task stands in that of the endpoint that its key prefers. */
import { createLane, type Lane } from './lane.ts'
import { preferenceOf } from './rendezvous.ts'
import type { Task } from './workload.ts'

export interface Job<T> {
  readonly task: T
  tries: number
  /** where it failed last */
  avoid?: Lane
}

export interface Lines<T extends Task> {
  readonly lanes: readonly Lane[]
  /** jobs in all lines */
  waiting(): number
  /** Whether an endpoint could be asked more than waits for it. */
  isHungry(now: number): boolean
  /** @param first before all others */
  enqueue(job: Job<T>, now: number, first?: boolean): void
  /** What waits for an endpoint that is down goes elsewhere, where there is one that is not. */
  reroute(now: number): void
  /** The jobs that may be sent now, each with where; they wait no longer. */
  next(now: number): Generator<readonly [Lane, Job<T>]>
  /** Everything that still waits. */
  left(): readonly Job<T>[]
}

export function createLines<T extends Task>(
  baseUrls: readonly string[],
  concurrency: number,
  jitter: () => number,
): Lines<T> {
  const lanes = baseUrls.map(url => createLane(url, concurrency, jitter))
  const byUrl = new Map(lanes.map(lane => [lane.url, lane]))
  const lines = new Map<Lane, Job<T>[]>(lanes.map(lane => [lane, []]))

  const laneFor = ({ task, avoid }: Job<T>, now: number): Lane => {
    const ranked = preferenceOf(task.key, baseUrls).map(url => byUrl.get(url)!)
    const up = ranked.filter(lane => !lane.isDown(now))
    return up.find(lane => lane !== avoid) ?? up[0] ?? ranked.find(lane => lane.condemned === undefined) ?? ranked[0]
  }
  const enqueue = (job: Job<T>, now: number, first = false) => {
    const line = lines.get(laneFor(job, now))!
    if (first) line.unshift(job)
    else line.push(job)
  }
  return {
    lanes,
    waiting: () => lanes.reduce((sum, lane) => sum + lines.get(lane)!.length, 0),
    isHungry: now => lanes.some(lane => lane.hasRoom(now) && lines.get(lane)!.length === 0),
    enqueue,
    reroute(now) {
      for (const lane of lanes) {
        const line = lines.get(lane)!
        if (line.length > 0 && lane.isDown(now) && lanes.some(other => !other.isDown(now)))
          for (const job of line.splice(0)) enqueue(job, now)
      }
    },
    *next(now) {
      for (const lane of lanes) {
        const line = lines.get(lane)!
        while (line.length > 0 && lane.hasRoom(now)) yield [lane, line.shift()!]
      }
    },
    left: () => lanes.flatMap(lane => lines.get(lane)!),
  }
}
