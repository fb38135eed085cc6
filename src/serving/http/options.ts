/** The options of `dualtree serve`. */
import { z } from 'zod'
import { choice, flag, integer, text } from '../../options.ts'
import { limits } from '../answers/schema.ts'
import { logLevels } from './json-log.ts'

export const serveOptions = z.object({
  host: text
    .default('127.0.0.1')
    .describe('address to listen on; 0.0.0.0 for all, which needs keys or --allow-anonymous'),
  port: integer(0, 65_535).default(8080).describe('port to listen on; 0 for any that is free'),
  keys: z
    .string()
    .optional()
    .describe('file of bearer keys, one per line; the variable DUALTREE_KEYS may hold some too, separated by commas'),
  allowAnonymous: flag.describe('serve others without keys: on an address that they can reach, or behind a proxy'),
  events: z.string().optional().describe('file of the event log, made when absent; without it events are refused'),
  eventsSync: choice(['normal', 'full']).describe(
    'normal: an accepted event survives kill -9; full: a power failure too, and waits for the disk',
  ),
  eventsMaxMb: integer(1, 1_000_000, 'MB').optional().describe('size at which the event log is full'),
  ann: flag.describe(
    'rank vectors by an index (usearch, an optional package), for more than about 10^6 items; its recall is logged',
  ),
  maxK: integer(1, limits.k, 'items').default(limits.k).describe('largest number of items in an answer'),
  maxHistory: integer(1, limits.history, 'items').default(limits.history).describe('longest history in a request'),
  maxBodyKb: integer(1, 65_536, 'KB').default(1024).describe('largest body of a request'),
  rate: integer(0, 1_000_000)
    .default(5000)
    .describe('requests per second of one key, or of one address without keys; 0 for no limit'),
  logLevel: z.enum(logLevels).default('info').describe('what is logged to stdout, as JSON lines'),
  logIds: flag.describe('log the ids of users and items too'),
  drainSeconds: integer(0, 600, 'seconds').default(10).describe('time for requests in flight after SIGTERM'),
})

export type ServeOptions = z.output<typeof serveOptions>
