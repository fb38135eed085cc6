/** The machine, and what else it is doing: a time means little when other processes had the cores. */
import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** "2 × AMD EPYC" */
export const machine = () => `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`

const STAT = '/proc/stat'
/** Ticks of /proc/stat a second, the same on every Linux. */
const TICKS = 100

/** Seconds of core time that all processes have had since the start, where the system tells (on Linux). */
function busySeconds(): number {
  if (!existsSync(STAT)) return Number.NaN
  const [user, nice, system, , , interrupts, soft, stolen] = readFileSync(STAT, 'utf8')
    .slice(4, 200)
    .trim()
    .split(/\s+/)
    .map(Number)
  return (user + nice + system + interrupts + soft + stolen) / TICKS
}

/** @returns a function that says how many cores other processes have had on average since; 0 where that is not known */
export function watchOthers(): () => number {
  const own = process.cpuUsage()
  const busy = busySeconds()
  const start = performance.now()
  return () => {
    const { user, system } = process.cpuUsage(own)
    const others = busySeconds() - busy - (user + system) / 1e6
    const seconds = (performance.now() - start) / 1000
    return Number.isFinite(others) ? Math.max(0, others / seconds) : 0
  }
}
