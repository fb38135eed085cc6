import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { findData } from '../../src/dataset/files/find.ts'
import { type FormatDefinition, sniffFile } from '../../src/dataset/formats/format.ts'
import { loadSplit } from '../../src/dataset/load.ts'
import { derive, randomStream } from '../../src/random.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { type ReadBack, readText } from '../support/interactions.ts'
import { contract, type Skip, type Test } from './contract.ts'

/** user, item, rating, time in seconds */
export type Row = readonly [user: number, item: number, rating: number, time: number]

export interface Writer {
  /** tests that do not apply, and why */
  readonly skip?: readonly Skip[]
  /** the rows as a file of this format */
  write(rows: readonly Row[]): string | Uint8Array | Promise<Uint8Array>
  /** what such a file says beyond who met what; `position` is the place in the user's list, as a time */
  readonly keeps: readonly ('rating' | 'time' | 'position')[]
  /** a name that suggests another format */
  readonly otherName: string
}

/** 200 rows of 9 users, items in no order, each pair once; ids that are no list of all integers up to some number. */
const ROWS: readonly Row[] = (() => {
  const random = randomStream(derive(7, 'rows'))
  const seen = new Set<number>()
  const rows: Row[] = []
  while (rows.length < 200) {
    const [user, item] = [3 + 7 * random.below(9), 1000 - 11 * random.below(60)]
    if (seen.has(user * 10_000 + item)) continue
    seen.add(user * 10_000 + item)
    rows.push([user, item, (1 + random.below(10)) / 2, 1_600_000_000 + random.below(1_000_000)])
  }
  return rows
})()

/** What is read, with the rows of a user together: lists of items have no order between users. */
function byUser({ pairs, ratings, times }: Pick<ReadBack, 'pairs' | 'ratings' | 'times'>) {
  const rows = pairs.map((pair, at) => [...pair, ratings?.[at], times?.[at]] as [number, number, number?, number?])
  return Array.from(Map.groupBy(rows, ([user]) => user).values()).flat()
}

const NO_WRITER: Writer = { write: () => '', keeps: [], otherName: 'rows.csv' }

/** What every format must do; with no writer, what can be seen without one. */
export function formatContract(definition: FormatDefinition, writer: Writer | undefined): void {
  const { name } = definition
  contract(`format "${name}"`, writer?.skip ?? [], declare => {
    const { keeps, otherName } = writer ?? NO_WRITER
    const write = (rows: readonly Row[]) => (writer ?? NO_WRITER).write(rows)
    const test: Test = (title, run) =>
      writer ? declare(title, run) : it.skip(`${title} (formats.test.ts has no writer of this format)`, run)

    /** The order within a list is kept where it says something; elsewhere both sides are sorted. */
    const expectRows = (read: ReadBack) => {
      const ordered = keeps.length > 0
      const expected = byUser({
        pairs: ROWS.map(([user, item]) => [user, item]),
        ...(keeps.includes('rating') && { ratings: ROWS.map(row => row[2]) }),
        ...(keeps.includes('time') && { times: ROWS.map(row => row[3] * 1000) }),
        ...(keeps.includes('position') && { times: positions() }),
      })
      const sorted = (rows: typeof expected) => (ordered ? rows : rows.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]))
      expect(sorted(byUser(read))).toEqual(sorted(expected))
    }

    test('reads back what was written, and is found by the content alone', async () => {
      const read = await readText('data', await write(ROWS))
      expectRows(read)
      expect(read.decisions[0]).toMatch(new RegExp(`^data: format ${name}, because .+\\.$`))
    })

    test('is found under a name that suggests another format', async () => {
      const read = await readText(otherName, await write(ROWS))
      expectRows(read)
      expect(read.decisions[0]).toContain(`${otherName}: format ${name}, because `)
    })

    test('can be chosen by option, and then nothing is said of finding it', async () => {
      const read = await readText(otherName, await write(ROWS), {}, name)
      expectRows(read)
      expect(read.decisions.join('\n')).not.toContain('because')
    })

    test('gzip, known by its bytes', async () => {
      const packed = gzipSync(await write(ROWS))
      for (const file of ['data', 'data.csv.gz']) expectRows(await readText(file, packed))
    })

    test('the same content twice gives the same rows in the same order', async () => {
      const [first, second] = [await readText('a', await write(ROWS)), await readText('b', await write(ROWS))] // biome-ignore format: one line
      expect({ ...second, decisions: [] }).toEqual({ ...first, decisions: [] })
    })

    test('columns that it has can be ignored', async () => {
      const wishes = { rating: 'none', ...(keeps.includes('time') && { time: 'none' }) }
      const read = await readText('data', await write(ROWS), wishes)
      expect(read).not.toHaveProperty('ratings')
      if (!keeps.includes('position')) expect(read).not.toHaveProperty('times')
      expect(read.pairs).toHaveLength(ROWS.length)
    })

    declare('does not take zero bytes or prose for its own', async () => {
      for (const content of [Buffer.from([0, 1, 2, 0, 0xff]), 'It was a dark night\nand stormy all over the land\n']) {
        const directory = await temporaryDirectory({ data: content })
        const found = await findData(join(directory, 'data'))
        if (found.kind !== 'whole') throw new Error('one file was given')
        const sniff = await sniffFile(found.files[0])
        expect(definition.detect(sniff)).toBeUndefined()
      }
    })

    test('stops when aborted', async () => {
      const directory = await temporaryDirectory({ data: await write(ROWS) })
      const found = await findData(join(directory, 'data'))
      if (found.kind !== 'whole') throw new Error('one file was given')
      const signal = AbortSignal.abort(new Error('enough'))
      const sniff = await sniffFile(found.files[0])
      await expect(definition.read({ sniff, wishes: {}, signal, decide: () => {} })).rejects.toThrow('enough')
    })

    test('gives a data set of every pair, by the option "format"', async () => {
      const directory = await temporaryDirectory({ [otherName]: await write(ROWS) })
      const { report } = await loadSplit(join(directory, otherName), { format: name })
      expect(report.counts).toMatchObject({ rows: ROWS.length, duplicates: 0 })
      await expect(loadSplit(join(directory, otherName), { format: `${name}x` })).rejects.toThrow(
        new RegExp(`^dataset: --format: expected one of auto, .*${name}.*got "${name}x"`),
      )
      await expect(loadSplit(directory, { formats: name } as object)).rejects.toThrow(
        /^dataset: unknown option --formats; known are --format,.*; did you mean --format\?$/,
      )
    })
  })
}

/** The place of each row in the list of its user. */
function positions(): number[] {
  const counts = new Map<number, number>()
  return ROWS.map(([user]) => {
    const position = counts.get(user) ?? 0
    counts.set(user, position + 1)
    return position
  })
}
