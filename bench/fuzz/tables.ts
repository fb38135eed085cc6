/** Files that a person might have, made from rows that are known, then damaged line by line. */
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { RandomStream } from '../../src/random.ts'

export interface FuzzFile {
  readonly name: string
  readonly content: Buffer
  /** before it was encoded and packed */
  readonly text: string
  /** what was done, in order */
  readonly steps: readonly string[]
  /** "user item" of the rows that nothing has touched */
  readonly intact: readonly string[]
  /** lines that are rows, damaged or not; absent where the damage makes that a matter of opinion */
  readonly rows?: number
}

interface Line {
  text: string
  readonly pair: string
  damaged: boolean
}

const SEPARATORS = [',', ';', '\t', '|', '::'] as const

/** @param random gives the same file for the same seed */
export function makeFile(random: RandomStream): FuzzFile {
  const pick = <T>(choices: readonly T[]): T => choices[random.below(choices.length)]
  const chance = (share: number) => random.uniform() < share
  const steps: string[] = []
  const separator = pick(SEPARATORS)
  const ids = pick(['integers', 'floats', 'words', 'hashes'] as const)
  const hasHeader = chance(0.7) || ids === 'words' || ids === 'hashes'
  const user = idMaker(ids, random, 'u')
  const item = idMaker(ids, random, 'i')
  const columns = columnsOf(random, hasHeader)
  const names = columns.map(column => column.name)
  const quoting = separator === '::' ? 'never' : pick(['never', 'names', 'always'] as const)
  const quoted = (text: string, isName: boolean) =>
    quoting === 'always' || (isName && (quoting === 'names' || text.includes(separator)))
      ? `"${text.replaceAll('"', '""')}"`
      : text
  steps.push(
    `${ids}, separator ${JSON.stringify(separator)}, ${hasHeader ? 'header' : 'no header'}, quotes ${quoting}, ${names.join(' ')}`,
  )
  const count = 40 + random.below(60)
  const lines: Line[] = Array.from({ length: count }, (_, row) => {
    const [u, i] = [user(row % 9), item(random.below(25))]
    const cells = columns.map(({ kind }) =>
      kind === 'user'
        ? quoted(u, false)
        : kind === 'item'
          ? quoted(i, false)
          : quoted(cellOf(kind, row, random, separator), kind === 'title'),
    )
    return { text: cells.join(separator), pair: `${canonical(u)} ${canonical(i)}`, damaged: false }
  })
  let countsRows = true
  for (let times = random.below(4); times > 0; times--) {
    const damage = pick(DAMAGES)
    steps.push(damage.name)
    damage.apply(lines, separator, random)
    if (damage.changesRows) countsRows = false
  }
  // two lines cut within quotes may be one field over several lines
  if (lines.filter(({ text }) => text.split('"').length % 2 === 0).length > 1) countsRows = false
  const header = names.map(name => quoted(name, false)).join(separator)
  const ending = pick(['\n', '\n', '\r\n', '\r'])
  const before =
    chance(0.1) && hasHeader ? [pick(['# made by hand', `sep=${separator.length > 1 ? ',' : separator}`])] : []
  const preamble = before[0]?.startsWith('sep=') && separator !== before[0][4] ? [] : before
  const again = hasHeader && chance(0.1) ? lines.length >> 1 : -1
  const body = lines.flatMap(({ text }, row) => (row === again ? [header, text] : [text]))
  const text = [...preamble, ...(hasHeader ? [header] : []), ...body].join(ending) + (chance(0.9) ? ending : '')
  const encoding = pick(['utf8', 'utf8', 'utf8', 'mark', 'utf16le'] as const)
  const packing = pick(['none', 'none', 'none', 'gzip', 'zstd'] as const)
  steps.push(
    `${preamble.join()} ends of line ${JSON.stringify(ending)}, ${encoding}, ${packing}${again >= 0 ? ', header again' : ''}`,
  )
  const marked = encoding === 'utf8' ? text : `\ufeff${text}`
  const bytes = Buffer.from(marked, encoding === 'utf16le' ? 'utf16le' : 'utf8')
  const content = packing === 'gzip' ? gzipSync(bytes) : packing === 'zstd' ? zstdCompressSync(bytes) : bytes
  const name = `data.${pick(['csv', 'txt', 'tsv', 'dat'])}${packing === 'gzip' ? '.gz' : ''}`
  const intact = lines.filter(({ damaged }) => !damaged).map(({ pair }) => pair)
  return { name, content, text, steps, intact, ...(countsRows && { rows: lines.length }) }
}

type Kind = 'user' | 'item' | 'rating' | 'time' | 'title' | 'number'

/** With a header columns stand in any order; without, user and item come first. */
function columnsOf(random: RandomStream, hasHeader: boolean): { name: string; kind: Kind }[] {
  const others: { name: string; kind: Kind }[] = []
  if (random.uniform() < 0.5) others.push({ name: 'rating', kind: 'rating' })
  if (random.uniform() < 0.5) others.push({ name: 'timestamp', kind: 'time' })
  if (hasHeader && random.uniform() < 0.5) others.push({ name: 'title', kind: 'title' })
  if (hasHeader && random.uniform() < 0.3) others.push({ name: 'price', kind: 'number' })
  const key = [
    { name: 'user_id', kind: 'user' as const },
    { name: 'item_id', kind: 'item' as const },
  ]
  if (!hasHeader) return [...key, ...others]
  const all = [...key, ...others]
  for (let place = all.length - 1; place > 0; place--) {
    const other = random.below(place + 1)
    ;[all[place], all[other]] = [all[other], all[place]]
  }
  return all
}

function idMaker(
  kind: 'integers' | 'floats' | 'words' | 'hashes',
  random: RandomStream,
  letter: string,
): (which: number) => string {
  const offset = 1 + random.below(5000)
  const places = ['Zoë', 'naïve', '日本', 'Ana', 'Bob', "O'Neil", 'x-1', 'a.b', 'Ünal']
  return which => {
    if (kind === 'integers') return String(offset + 3 * which)
    if (kind === 'floats') return `${offset + 3 * which}.0`
    if (kind === 'words') return `${places[which % places.length]} ${letter}${which}`
    return `${letter}${(which * 2654435761).toString(16)}${offset.toString(16)}`
  }
}

/** As ids are compared: 5.0 is 5. */
export function canonical(id: string): string {
  return id.replace(/^(\d+)\.0$/, '$1')
}

function cellOf(kind: Kind, row: number, random: RandomStream, separator: string): string {
  if (kind === 'rating') return String(1 + random.below(5))
  if (kind === 'time') return String(1_500_000_000 + 3600 * row)
  if (kind === 'number') return (random.below(10_000) / 100).toFixed(2)
  const words = ['red', 'the "old" one', "rock 'n' roll", 'a, b', 'semi; colon', 'bar | bar', '5" disc', 'plain']
  const text = `${words[random.below(words.length)]} ${row}`
  // without quotes around it, a title cannot hold the separator
  return text.split(separator).join(' ')
}

interface Damage {
  readonly name: string
  /** whether what is a row afterwards is a matter of opinion */
  readonly changesRows?: boolean
  apply(lines: Line[], separator: string, random: RandomStream): void
}

/** Damages one to three lines. */
function some(change: (text: string, separator: string, random: RandomStream) => string): Damage['apply'] {
  return (lines, separator, random) => {
    for (let times = 1 + random.below(3); times > 0; times--) {
      const line = lines[random.below(lines.length)]
      line.damaged = true
      line.text = change(line.text, separator, random)
    }
  }
}

/** Changes a line that says the same afterwards. */
function unseen(change: (text: string, separator: string) => string): Damage['apply'] {
  return (lines, separator, random) => {
    const line = lines[random.below(lines.length)]
    line.text = change(line.text, separator)
  }
}

const DAMAGES: readonly Damage[] = [
  { name: 'a line cut', apply: some((text, _, random) => `x${text.slice(0, random.below(text.length))}`) },
  { name: 'a field doubled', apply: some((text, separator) => `${text.split(separator)[0]}${separator}${text}`) },
  { name: 'a field removed', apply: some((text, separator) => `${text.split(separator).slice(1).join(separator)}.`) },
  { name: 'fields shuffled', apply: some((text, separator) => text.split(separator).reverse().join(separator)) },
  { name: 'a stray quote', apply: some((text, _, random) => inserted(text, '"', random)), changesRows: true },
  {
    name: 'other separators',
    apply: some((text, separator) => `${text.replaceAll(separator, separator === ';' ? ',' : ';')}.`),
  },
  { name: 'a huge field', apply: some(text => `${text}${'long '.repeat(40_000)}`) },
  {
    name: 'an id missing',
    apply: some((text, separator, random) => {
      const missing = ['', 'NULL', '\\N', 'nan'][random.below(4)]
      const left = `${missing}${text.slice(Math.max(0, text.indexOf(separator)))}`
      // with nothing behind it, the row would be an empty one
      return left.replaceAll(separator, '').trim() === '' ? `${left}.` : left
    }),
  },
  {
    name: 'rubbish',
    // a line of # is a comment, one of separators may be blank
    changesRows: true,
    apply: some((_text, _, random) => String.fromCharCode(33 + random.below(90)).repeat(1 + random.below(9))),
  },
  {
    name: 'a blank of Unicode behind the first field',
    apply: unseen((text, separator) => (text.includes('"') ? text : text.replace(separator, `\u00a0${separator}`))),
  },
  { name: 'a mark of byte order in the middle', apply: unseen(text => `\ufeff${text.replace(/^\ufeff/, '')}`) },
  {
    name: 'an empty row',
    changesRows: true,
    apply(lines, separator, random) {
      const width = lines[0].text.split(separator).length
      lines.splice(random.below(lines.length), 0, { text: separator.repeat(width - 1), pair: '', damaged: true })
    },
  },
  { name: 'a control character', apply: some((text, _, random) => inserted(text, '\u0007', random)) },
  {
    name: 'a line twice',
    apply: (lines, _, random) =>
      void lines.splice(random.below(lines.length), 0, { ...lines[random.below(lines.length)] }),
  },
  {
    name: 'lines shuffled',
    apply(lines, _, random) {
      for (let place = lines.length - 1; place > 0; place--) {
        const other = random.below(place + 1)
        ;[lines[place], lines[other]] = [lines[other], lines[place]]
      }
    },
  },
]

function inserted(text: string, what: string, random: RandomStream): string {
  const at = random.below(text.length + 1)
  return text.slice(0, at) + what + text.slice(at)
}
