/** What the names of files say: which hold data, which part they are, and which belong to one table. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../../errors.ts'
import { refuseUnreadable } from '../../files.ts'
import { listOf } from '../../numbers.ts'
import { PACKED } from './containers.ts'

export type Part = 'train' | 'valid' | 'test'

const PART_WORDS: Readonly<Record<string, Part>> = {
  ...{ train: 'train', training: 'train', base: 'train', trn: 'train' },
  ...{ valid: 'valid', validation: 'valid', val: 'valid', dev: 'valid', vad: 'valid' },
  ...{ test: 'test', testing: 'test', tst: 'test', te: 'test' },
}

/** Endings of files that may hold interactions; others beside them (README.md, a licence) are not looked at. */
const DATA_FILE =
  /\.(txt|csv|tsv|psv|ssv|tab|json|jsonl|ndjson|parquet|pq|inter|dat|data|log|base|test|train|ratings?|edges)(\.(gz|gzip|bz2|zst|zstd|xz|br))?$|\.(zip|tar|tgz|tbz2|tar\.\w+)$|^part-[\w-]+(\.c\d+)?$|^\d{6}_\d+(_copy_\d+)?$/i

/** Names that Spark, Hadoop, macOS and editors leave beside the data, and what people say about it. */
export function isHidden(name: string): boolean {
  return /^[._]|\.crc$|~$|^(readme|licen[cs]e|citation|notice|changelog|about)\b/i.test(name)
}

/** Paths below a directory, with `/`; folders in folders are looked into only where there is no file above them. */
export async function listData(directory: string, depth = 0): Promise<string[]> {
  const found = await readdir(directory, { withFileTypes: true }).catch(error => {
    refuseUnreadable(directory, error)
    throw error
  })
  const entries = found.filter(({ name }) => !isHidden(name))
  const names = entries.filter(entry => !entry.isDirectory() && DATA_FILE.test(entry.name)).map(({ name }) => name)
  const folders = entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
  const entered = names.length === 0 ? folders : folders.filter(isPartName)
  for (const folder of depth < 4 ? entered : [])
    for (const inner of await listData(join(directory, folder), depth + 1)) names.push(`${folder}/${inner}`)
  return names.sort()
}

function isPartName(name: string): boolean {
  return name.toLowerCase() in PART_WORDS
}

/** The part that a path names: `train.csv`, `ml.train.inter`, `train/part-0.csv`, `u1.base`; the first such word counts. */
export function partOf(path: string): Part | undefined {
  const words = path.toLowerCase().split(/[/._-]+/)
  return words.map(word => PART_WORDS[word]).find(part => part !== undefined)
}

/** Equal for the shards of one table: digits, the random parts of names and how each is packed do not count. */
export function shardName(path: string): string {
  return path
    .toLowerCase()
    .replace(PACKED, '')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{20,}/g, '#')
    .replace(/\d+/g, '#')
}

/** @throws DataError for u1.base, u1.test, u2.base, u2.test: what one tests on, the others train on */
export function refuseFolds(names: readonly string[], label: string): void {
  const foldOf = (name: string) => /^(.*?\d.*?)[/._-]*\b_?(train|training|base|test)(?![a-z])/i.exec(name)
  const folds = Object.groupBy(names.filter(foldOf), name => foldOf(name)![1].toLowerCase())
  const complete = Object.values(folds).filter(fold => new Set(fold?.map(partOf)).size > 1)
  if (complete.length < 2) return
  throw new DataError(
    `${label}: ${listOf(
      complete.flatMap(fold => fold ?? []),
      4,
    )} look like folds of a cross-validation, of which each trains on what others test on; put the files of one into a directory of its own`,
  )
}
