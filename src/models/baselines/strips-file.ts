/** An inversion that was stopped, on disk: a line that says what it is, the panels, and the lower triangle. */
import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { writeAtomic } from '../../files.ts'
import type { Kernels, SweepPanels } from '../../kernels/interface/kernels.ts'
import { type Inversion, type Strips, stripRow } from '../../kernels/strips.ts'

interface Line {
  readonly key: string
  readonly done: number
  readonly crc: number
}

/** Bytes of the line. */
const LINE = 4096

/** @throws OutputError naming the path, such as where there is no space */
export async function writeInversion(path: string, key: string, strips: Strips, inversion: Inversion): Promise<void> {
  const pieces = piecesOf(strips, inversion.panels)
  const line: Line = { key, done: inversion.done, crc: checksum(pieces) }
  await writeAtomic(path, [Buffer.from(`${JSON.stringify(line).padEnd(LINE - 1)}\n`), ...pieces])
}

/**
 * Fills the strips as they were.
 * @returns false where there is none of this key; where it is damaged, the strips have been written to
 */
export async function readInversion(
  path: string,
  key: string,
  kernels: Kernels,
  strips: Strips,
): Promise<{ readonly done: number; readonly panels: SweepPanels } | 'damaged' | false> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (!file) return false
  try {
    const head = Buffer.alloc(LINE)
    await file.read(head)
    const line: Line = JSON.parse(head.toString())
    if (line.key !== key) return false
    const panels = kernels.sweepPanels(strips.n, Math.min(strips.n, strips.height))
    const pieces = piecesOf(strips, panels)
    let position = LINE
    for (const piece of pieces) {
      const { bytesRead } = await file.read(piece, 0, piece.length, position)
      if (bytesRead < piece.length) return 'damaged'
      position += bytesRead
    }
    return checksum(pieces) === line.crc ? { done: line.done, panels } : 'damaged'
  } catch {
    return 'damaged'
  } finally {
    await file.close()
  }
}

function piecesOf(strips: Strips, { w, v }: SweepPanels): Uint8Array[] {
  const rows = Array.from({ length: strips.n }, (_, row) => stripRow(strips, row).subarray(0, row + 1))
  return [w, v, ...rows].map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))
}

const checksum = (pieces: readonly Uint8Array[]) => pieces.reduce((crc, piece) => crc32(piece, crc), 0)
