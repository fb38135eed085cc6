/** What SQLite does not say of its write-ahead log: it reads it up to the first damaged frame, as if no more had been written. */
import { readFileSync } from 'node:fs'

const [HEADER, FRAME_HEADER] = [32, 24]

/**
 * Whether commits stand behind what is damaged, so that they are lost. Call it while nobody writes.
 * @source sqlite.org/fileformat2.html, "The Write-Ahead Log"
 */
export function hasLostCommits(database: string): boolean {
  const log = readLog(`${database}-wal`)
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
  let sound = true
  for (let at = HEADER; at + size <= log.length; at += size) {
    if (sound) {
      add(at, at + 8)
      add(at + FRAME_HEADER, at + size)
      sound = isOurs(at) && agrees(at + 16)
    }
    const isCommit = view.getUint32(at + 4) !== 0
    if (!sound && isCommit && isOurs(at)) return true
  }
  return false
}

function readLog(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}
