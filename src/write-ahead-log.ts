/** What SQLite does not say of its write-ahead log: it reads it up to the first damaged frame, as if no more had been written. */
import { readFileSync } from 'node:fs'
import { endianness } from 'node:os'

const [HEADER, FRAME_HEADER] = [32, 24]

/** How many frames of the log of some salts have been committed. */
export interface CommittedFrames {
  readonly count: number
  readonly salts: Buffer
}

/**
 * By the index of the log, which processes share in a file. Read it before the database is opened: the first to open it makes it anew.
 * @returns undefined where there is none, or it was being written
 * @source sqlite.org/walformat.html, "The WAL-Index File Format"
 */
export function committedFrames(database: string): CommittedFrames | undefined {
  const index = readFile(`${database}-shm`)
  const [first, second] = [index.subarray(0, 48), index.subarray(48, 96)]
  const isMade = second.length === 48 && first.equals(second) && first[12] === 1
  if (!isMade) return undefined
  return {
    count: endianness() === 'LE' ? first.readUInt32LE(16) : first.readUInt32BE(16),
    salts: first.subarray(32, 40),
  }
}

/**
 * Whether commits stand behind what is damaged, so that they are lost. Call it while nobody writes.
 * @param committed tells them from what a killed process left, over which another one wrote
 * @source sqlite.org/fileformat2.html, "The Write-Ahead Log"
 */
export function hasLostCommits(database: string, committed?: CommittedFrames): boolean {
  const log = readFile(`${database}-wal`)
  if (log.length <= HEADER) return false
  const view = new DataView(log.buffer, log.byteOffset, log.length)
  const little = (view.getUint32(0) & 1) === 0
  let [a, b] = [0, 0]
  const add = (from: number, to: number) => {
    for (let at = from; at < to; at += 8) {
      a = (a + view.getUint32(at, little) + b) >>> 0
      b = (b + view.getUint32(at + 4, little) + a) >>> 0
    }
  }
  const agrees = (at: number) => view.getUint32(at) === a && view.getUint32(at + 4) === b
  add(0, HEADER - 8)
  if (!agrees(HEADER - 8)) return true
  const size = FRAME_HEADER + view.getUint32(8)
  // salts tell frames of this log from older ones, over which it is written
  const isOurs = (at: number) => [8, 12].every(by => view.getUint32(at + by) === view.getUint32(by + 8))
  const known = committed?.salts.equals(log.subarray(16, 24)) ? committed.count : undefined
  let [sound, whole] = [true, 0]
  for (let at = HEADER; at + size <= log.length; at += size) {
    if (sound) {
      add(at, at + 8)
      add(at + FRAME_HEADER, at + size)
      sound = isOurs(at) && agrees(at + 16)
      whole += Number(sound)
    }
    if (!sound && known !== undefined) break
    const isCommit = view.getUint32(at + 4) !== 0
    if (!sound && isCommit && isOurs(at)) return true
  }
  return known !== undefined && known > whole
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}
