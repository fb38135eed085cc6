/** One JSON document a line, as pino writes them: level 30 info, 40 warn, 50 error; time in ms since 1970. */

const LEVELS = { info: 30, warn: 40, error: 50 } as const

export const logLevels = ['info', 'warn', 'error', 'silent'] as const

export type LogLevel = (typeof logLevels)[number]

export interface JsonLog {
  readonly info: (msg: string, fields?: Readonly<Record<string, unknown>>) => void
  readonly warn: (msg: string, fields?: Readonly<Record<string, unknown>>) => void
  readonly error: (msg: string, fields?: Readonly<Record<string, unknown>>) => void
  /** Writes what is held. */
  flush(): void
}

/** Lines of one request are written together with those of others: a write for each would cost more than the request. */
const HOLD_MS = 50

export function createJsonLog(level: LogLevel, write: (lines: string) => void, now: () => number): JsonLog {
  const least = level === 'silent' ? Number.POSITIVE_INFINITY : LEVELS[level]
  let held = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (held !== '') write(held)
    held = ''
  }
  const at =
    (name: keyof typeof LEVELS): JsonLog['info'] =>
    (msg, fields) => {
      if (LEVELS[name] < least) return
      held += `${JSON.stringify({ level: LEVELS[name], time: now(), msg, ...fields })}\n`
      timer ??= setTimeout(flush, HOLD_MS).unref()
      if (name === 'error' || held.length > 65_536) flush()
    }
  return { info: at('info'), warn: at('warn'), error: at('error'), flush }
}
