/** The options of `dualtree serve`. */
import { z } from 'zod'
import { limits } from '../answers/schema.ts'
import { logLevels } from './json-log.ts'

export const serveOptions = z.object({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('address to listen on; 0.0.0.0 for all, which needs keys or --allow-anonymous'),
  port: z.int().min(0).max(65_535).default(8080).describe('port to listen on; 0 for any that is free'),
  keys: z
    .string()
    .optional()
    .describe('file of bearer keys, one per line; the variable DUALTREE_KEYS may hold some too, separated by commas'),
  allowAnonymous: z
    .boolean()
    .default(false)
    .describe('serve others without keys: on an address that they can reach, or behind a proxy'),
  events: z.string().optional().describe('file of the event log, made when absent; without it events are refused'),
  eventsSync: z
    .enum(['normal', 'full'])
    .default('normal')
    .describe('normal: an accepted event survives kill -9; full: a power failure too, and waits for the disk'),
  eventsMaxMb: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('size at which the event log is full')
    .meta({ unit: 'MB' }),
  ann: z
    .boolean()
    .default(false)
    .describe(
      'rank vectors by an index (usearch, an optional package), for more than about 10^6 items; its recall is logged',
    ),
  maxK: z
    .int()
    .min(1)
    .max(limits.k)
    .default(limits.k)
    .describe('largest number of items in an answer')
    .meta({ unit: 'items' }),
  maxHistory: z
    .int()
    .min(1)
    .max(limits.history)
    .default(limits.history)
    .describe('longest history in a request')
    .meta({ unit: 'items' }),
  maxBodyKb: z.int().min(1).max(65_536).default(1024).describe('largest body of a request').meta({ unit: 'KB' }),
  rate: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(5000)
    .describe('requests per second of one key, or of one address without keys; 0 for no limit'),
  logLevel: z.enum(logLevels).default('info').describe('what is logged to stdout, as JSON lines'),
  logIds: z.boolean().default(false).describe('log the ids of users and items too'),
  drainSeconds: z
    .int()
    .min(0)
    .max(600)
    .default(10)
    .describe('time for requests in flight after SIGTERM')
    .meta({ unit: 'seconds' }),
})

export type ServeOptions = z.output<typeof serveOptions>
