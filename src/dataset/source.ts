/** The options of reading data: which columns, what counts as a positive, what is filtered out, and what is held out. */
import { z } from 'zod'
import { integer, number, text } from '../options.ts'
import { partName } from '../registry.ts'
import { IGNORED } from './columns/columns.ts'
import { timeUnits } from './columns/time.ts'
import { formats } from './formats/index.ts'

export const splitNames = ['given', 'random', 'global-time', 'per-user-time', 'leave-one-out', 'new-users'] as const

/** What of the train file validates where there is no valid file. */
export const validCuts = ['all', 'user', 'user-latest'] as const

export type SplitName = (typeof splitNames)[number]

/** `--weight` of this name counts the rows of a pair. */
export const REPEATS = 'repeats'

const share = () => number(0.001, 0.45)
const column = (what: string) => text.optional().describe(what)

function isEncoding(name: string): boolean {
  try {
    return new TextDecoder(name) !== undefined
  } catch {
    // the option says what it takes
    return false
  }
}

/** How files are read, whatever is made of them. */
export const readOptions = z.object({
  format: partName(formats, ['auto'])
    .default('auto')
    .describe(
      'how the files are written; auto decides by their content, files that belong together alike, and says why',
    ),
  encoding: z
    .string()
    .refine(isEncoding, 'expected the name of an encoding, such as windows-1252, iso-8859-1, shift_jis or gbk')
    .optional()
    .describe('encoding of text files, such as windows-1252; absent: UTF-8, or UTF-16 where the bytes show it'),
  user: column(
    'column of the user id; guessed from usual names (user_id, customerNo, …) when absent; "0" is the first column; user.id and users[].id reach into JSON and Parquet',
  ),
  item: column(
    'column of the item id; guessed from usual names (item_id, product_id, movieId, …) when absent; items[] makes a row for each entry of a list',
  ),
})

export const sourceOptions = z.object({
  ...readOptions.shape,
  rating: column(`column of the rating, used by --min-rating only; guessed when absent; "${IGNORED}" to ignore it`),
  time: column(`column of the time (a number or a date); guessed when absent; "${IGNORED}" to ignore it`),
  timeUnit: z
    .enum(['auto', ...timeUnits])
    .default('auto')
    .describe(
      'unit of the times, and for dates such as 03/04/2020 whether day or month is first; auto finds it in the values',
    ),
  missing: z
    .array(z.union([z.string(), z.number()]))
    .optional()
    .describe(
      'words for a missing id; default: null, nil, none, NaN, NA, N/A, \\N and their like; an empty field is always missing',
    ),
  maxRefused: number(0, 1, 'share of rows')
    .default(0.05)
    .describe('share of unreadable rows per file above which the run stops'),
  where: text
    .optional()
    .describe(
      "condition on the columns, in DuckDB's SQL, such as \"rating >= 4 AND country = 'DE'\"; other rows are removed",
    ),
  event: z
    .array(z.union([z.string(), z.number()]))
    .optional()
    .describe('kinds of event that count as positives, such as view,purchase; absent: every row counts'),
  eventColumn: column(`column of the kind of event; guessed when absent; "${IGNORED}" to ignore it`),
  eventWeight: z
    .array(z.string())
    .optional()
    .describe('weights of kinds of event, such as view=1,purchase=3; a kind that is not named weighs 1'),
  weight: column(
    `column with the weight of a row, such as plays, or "${REPEATS}" for how often a pair occurs; rows of a pair are added; absent: each pair counts the same`,
  ),
  weightScale: z
    .enum(['linear', 'log'])
    .default('linear')
    .describe('scale of the weight w of a pair: w, or log2(1 + w); weights are divided by their mean'),
  minRating: z
    .number()
    .optional()
    .describe('keep only interactions rated at least this; without it every row is a positive')
    .meta({ unit: 'rating' }),
  kCore: integer(0, 1000, 'interactions')
    .default(0)
    .describe('remove users and items with fewer interactions than this, repeatedly; 0 keeps all'),
  split: z
    .enum(splitNames)
    .optional()
    .describe(
      'what is held out; given (the train, valid and test files of a directory) when there are such files, else random',
    ),
  validShare: share()
    .default(0.1)
    .describe('share held out for validation; ignored with leave-one-out, and with given when there is a valid file')
    .meta({ unit: 'share of interactions' }),
  validFrom: z
    .enum(validCuts)
    .default('all')
    .describe(
      "interactions of train that validate where files have no valid part: a random share of all, a random share of each user's, or each user's latest; choose what the test file was cut like",
    ),
  testShare: share()
    .default(0.1)
    .describe('share held out for the final test; ignored with leave-one-out and given')
    .meta({ unit: 'share of interactions' }),
  splitSeed: z.int().default(1).describe('seed of the random split, and of the order of equal times'),
  ties: z
    .enum(['seed', 'session'])
    .default('seed')
    .describe('interactions with equal times: in a seeded random order, or kept together as one session'),
})

export type SourceOptions = z.output<typeof sourceOptions>
