/** The options of reading data: which columns, what is filtered out, and what is held out. */
import { z } from 'zod'
import { IGNORED } from './columns.ts'
import { formats } from './formats/index.ts'

export const splitNames = ['given', 'random', 'global-time', 'per-user-time', 'leave-one-out'] as const

export type SplitName = (typeof splitNames)[number]

const share = () => z.number().min(0.001).max(0.45)

export const sourceOptions = z.object({
  format: z
    .enum(['auto', ...formats.names])
    .default('auto')
    .describe('How the files are written; auto decides by their content and says why'),
  user: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Column of the user id; guessed from usual names (user_id, userId, …) when absent; "0" is the first column of a file without header',
    ),
  item: z
    .string()
    .min(1)
    .optional()
    .describe('Column of the item id; guessed from usual names (item_id, product_id, movieId, …) when absent'),
  rating: z
    .string()
    .min(1)
    .optional()
    .describe(`Column of the rating, used by --min-rating only; guessed when absent; "${IGNORED}" to ignore it`),
  time: z
    .string()
    .min(1)
    .optional()
    .describe(`Column of the time (seconds, ms, µs or ISO 8601); guessed when absent; "${IGNORED}" to ignore it`),
  minRating: z
    .number()
    .optional()
    .describe('Keep only interactions rated at least this; without it every row is a positive')
    .meta({ unit: 'rating' }),
  kCore: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe('Remove users and items with fewer interactions than this, until none is left to remove; 0 keeps all')
    .meta({ unit: 'interactions' }),
  split: z
    .enum(splitNames)
    .optional()
    .describe(
      'What is held out; given (the train, valid and test files of a directory) when there are such files, else random',
    ),
  validShare: share()
    .default(0.1)
    .describe('Share held out for validation; without effect on leave-one-out, and on given when there is a valid file')
    .meta({ unit: 'share of interactions' }),
  testShare: share()
    .default(0.1)
    .describe('Share held out for the final test; without effect on leave-one-out and given')
    .meta({ unit: 'share of interactions' }),
  splitSeed: z.int().default(1).describe('Seed of the random split'),
})

export type SourceOptions = z.output<typeof sourceOptions>
