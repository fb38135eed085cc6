/** Files of words between blanks: rows of a user and an item, or a user with all its items per line; told apart here. */
import { DataError } from '../../errors.ts'
import { namesUserAndItem } from '../columns/names.ts'
import { parseNumber } from '../columns/parse-number.ts'
import { looksLikeTimes } from '../columns/time.ts'
import { splitWords } from '../files/text.ts'
import { foreignText } from './foreign.ts'
import type { Sniff } from './format.ts'
import { NO_DIGIT } from './word-lines.ts'

/** What one file can be; `two` words a line are the same as pairs and as lists. */
type Verdict = 'pairs' | 'lists' | 'two' | 'either' | undefined

export interface WordReading {
  readonly family: 'pairs' | 'lists'
  readonly reason: string
}

/**
 * How the words of a file are meant. Lines of three or four numbers may be rows with ratings and times, or lists of one length;
 * then the files beside it decide, and without them whether users come again.
 * @throws DataError when the files beside it contradict each other
 */
export function readingOfWords(sniff: Sniff, beside: readonly Sniff[] = [sniff]): WordReading | undefined {
  const rows = wordRows(sniff)
  const verdict = verdictOn(rows)
  if (verdict === undefined || foreignText(sniff)) return
  const words = commonWidth(rows)
  if (verdict === 'lists') return { family: 'lists', reason: 'its lines are lists of ids' }
  if (verdict === 'pairs') return { family: 'pairs', reason: `each of its first lines has ${words} words` }
  const others = beside.filter(other => other !== sniff && other.text.length > 0)
  const sure = others.map(other => ({ label: other.file.label, verdict: verdictOn(wordRows(other)) }))
  const [pairs, lists] = (['pairs', 'lists'] as const).map(
    family => sure.find(other => other.verdict === family)?.label,
  )
  const each = `each of its first lines has ${words} words`
  if (verdict === 'two')
    return lists !== undefined && pairs === undefined
      ? { family: 'lists', reason: `its lines hold a user and an item, and ${lists} beside it holds lists` }
      : { family: 'pairs', reason: each }
  if (pairs !== undefined && lists !== undefined)
    throw new DataError(
      `${sniff.file.label}: its lines of ${words} numbers may be rows (user, item, …), as in ${pairs}, or lists (a user and its items), as in ${lists}; set --format to pairs, adjacency or sequences`,
    )
  if (pairs !== undefined) return { family: 'pairs', reason: `${each}, as rows in ${pairs} beside it` }
  if (lists !== undefined) return { family: 'lists', reason: `its lines are lists of ids, as in ${lists} beside it` }
  if (!looksLikeLists(rows))
    return { family: 'pairs', reason: `${each}: a guess (for a user with its items per line: --format sequences)` }
  const reason =
    'its lines are integers and no user comes twice: a guess (for rows of user, item, rating: --format pairs)'
  return { family: 'lists', reason }
}

/** Lines that are looked at. */
const SAMPLED_LINES = 4000

interface Words {
  /** of the first lines; comments and blank lines left out */
  readonly rows: string[][]
  /** beside blanks, what stands between words: marks of lists, or whatever is no digit */
  readonly marks: string
}

const sampled = new WeakMap<Sniff, Words>()

/** The words of the first lines; comments and blank lines left out. */
export function wordRows(sniff: Sniff): string[][] {
  return wordsOf(sniff).rows
}

/** What stands between the words of a file that holds lists, beside blanks; for `readWordLines`. */
export function marksOfLists(sniff: Sniff): string {
  return wordsOf(sniff).marks
}

/** Whether a file holds lists which a table of text could be taken for: of ids that are no integers, or behind "7:". */
export function holdsListsOfTexts(sniff: Sniff): boolean {
  const { rows, marks } = wordsOf(sniff)
  const lines = sniff.lines.filter(line => line.trim() !== '')
  const areNamed = marks === NO_DIGIT && rows.length > 2 && lines.every(line => /^\s*\d+\s*:[^:]*$/.test(line))
  return areListsOfTexts(rows) || (areNamed && !comeAgain(rows))
}

function wordsOf(sniff: Sniff): Words {
  const known = sampled.get(sniff)
  if (known) return known
  const matrix = isMatrix(sniff) ? 1 : 0
  const lines = sniff.lines
    .slice(0, SAMPLED_LINES)
    .filter(line => !/^\s*([#%]|$)/.test(line))
    .slice(matrix)
  const split = (marks: string): Words => {
    const rows = lines.map(line => wordsBetween(line, marks)).filter(words => words.length > 0)
    return { rows, marks }
  }
  const plain = (): Words => ({ rows: withRowNames(split('').rows.filter(row => !isRuler(row))), marks: '' })
  const digits = lines.slice(0, 200).every(line => /^[\d\s,;:|[\]]*$/.test(line))
  const apart = split(digits ? NO_DIGIT : marksIn(lines))
  const found = digits || areListsOfTexts(apart.rows) ? apart : plain()
  sampled.set(sniff, found)
  return found
}

/** Brackets, marks that most lines have, and a colon where it ends each first word. */
function marksIn(lines: readonly string[]): string {
  const most = [...',;|'].filter(mark => 2 * lines.filter(line => line.includes(mark)).length > lines.length).join('')
  const colon = lines.every(line => /^[^:]+:[^:]*$/.test(line)) ? ':' : ''
  return `${most}${colon}[]`
}

/** A line below a header, as terminals draw it. */
export function isRuler(words: readonly string[]): boolean {
  return words.every(word => /^[-=]{2,}$/.test(word))
}

/** Whether the first row names the columns of the others. */
export function hasHeader([first, ...below]: readonly string[][]): boolean {
  return below.length > 0 && namesUserAndItem(first) && first.length === commonWidth(below)
}

/** A header without a name for the names of the rows, as R and pandas print it, gets an empty one. */
function withRowNames(rows: string[][]): string[][] {
  const [first = [], ...below] = rows
  const areRowNames = new Set(below.map(([name]) => name)).size === below.length
  const isShort = areRowNames && below.length > 2 && first.length + 1 === commonWidth(below) && namesUserAndItem(first)
  return isShort ? [['', ...first], ...below] : rows
}

/** Coordinates of a sparse matrix, after a line with its size. */
export function isMatrix({ lines }: Sniff): boolean {
  return /^%%MatrixMarket\s+matrix\s+coordinate/i.test(lines[0] ?? '')
}

function wordsBetween(line: string, marks: string): string[] {
  if (marks === NO_DIGIT) return line.match(/\d+/g) ?? []
  return splitWords([...marks].reduce((text, mark) => text.replaceAll(mark, ' '), line))
}

/** A user that never comes again, and ids behind it, with digits in them. */
function areListsOfTexts(rows: readonly string[][]): boolean {
  if (rows.length < 3 || comeAgain(rows)) return false
  const isId = (word: string) => /\d/.test(word) && !/[\s"'{}()=<>]/.test(word)
  if (!rows.every(words => words.every(isId)) || rows.every(words => words.every(word => /^[-+.\d]+$/.test(word)))) return false // biome-ignore format: one line
  return stepOverPlaces(rows.map(words => words.slice(1)))
}

/** Whether the same words stand at different places of different lines, as in lists; in a table each column has its own. */
export function stepOverPlaces(rows: readonly (readonly string[])[]): boolean {
  const placeOf = new Map<string, number>()
  const moved = new Set<string>()
  for (const words of rows)
    for (const [place, word] of words.entries()) {
      if ((placeOf.get(word) ?? place) !== place) moved.add(word)
      placeOf.set(word, place)
    }
  return moved.size > 0 && moved.size >= 0.3 * placeOf.size
}

/** The number of words that nearly all lines have; 0 when they differ. */
export function commonWidth(rows: readonly string[][]): number {
  const counts = new Map<number, number>()
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1)
  const [width, times] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0, 0]
  return times === rows.length || (times >= 0.75 * rows.length && comeAgain(rows)) ? width : 0
}

function comeAgain(rows: readonly string[][]): boolean {
  return new Set(rows.map(([user]) => user)).size < 0.9 * rows.length
}

function verdictOn(rows: readonly string[][]): Verdict {
  if (rows.length === 0) return
  if (areListsOfTexts(rows)) return 'lists'
  if (hasHeader(rows)) return 'pairs'
  const width = commonWidth(rows)
  if (width === 2) return 'two'
  const integers = rows.every(words => words.every(word => /^\d+$/.test(word)))
  if (width > 4 && integers && comeAgain(rows) && isTable(rows)) return 'pairs'
  if (width === 0 || width > 4) return integers && rows.some(words => words.length > 1) ? 'lists' : undefined
  const column = (position: number) => rows.map(words => words[position] ?? '')
  if (!integers) return /\d/.test(rows[0].slice(2).join('')) || comeAgain(rows) ? 'pairs' : undefined
  return comeAgain(rows) || looksLikeTimes(column(2)) || (width === 4 && looksLikeTimes(column(3))) ? 'pairs' : 'either'
}

/** Many columns of integers: times in one, or a few numbers in all, as in a column per item. */
function isTable(rows: readonly string[][]): boolean {
  return new Set(rows.flat()).size <= 21 || rows[0].some((_, at) => looksLikeTimes(rows.map(words => words[at] ?? '')))
}

/** Users that never come again, with numbers behind them that are no scale of ratings. */
function looksLikeLists(rows: readonly string[][]): boolean {
  const thirds = rows.map(words => parseNumber(words[2] ?? ''))
  const isScale =
    thirds.every(value => value <= 10) && new Set(thirds).size <= 11 && rows.some(words => Number(words[1]) > 10)
  return rows.length >= 3 && !comeAgain(rows) && !isScale
}
