/** What data is packed in: compressed streams, known by their first bytes, and archives, whose files are taken out. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join, normalize } from 'node:path'
import { PassThrough, pipeline, Readable } from 'node:stream'
import { pipeline as finished } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib'
import { DataError, messageOf } from '../../errors.ts'
import { type Codec, type DataFile, readBytes, readHead } from './disk.ts'

/** Endings that compressed files have beside their own: `ratings.csv.gz`. */
export const PACKED = /\.(gz|gzip|bz2|zst|zstd|xz|br)$/i

const SIGNATURES: readonly [codec: Codec, hex: string][] = [
  ['gzip', '1f8b'],
  ['zstd', '28b52ffd'],
  ['bzip2', '425a68'],
  ['xz', 'fd377a585a00'],
  // frames that are skipped, as parallel zstd writes them ahead of its data
  ...Array.from('0123456789abcdef', digit => ['zstd', `5${digit}2a4d18`] as [Codec, string]),
]

/** What can neither be read nor unpacked here; "." is any digit. */
const FOREIGN: readonly [what: string, hex: string, remedy: string][] = [
  ['a 7z archive', '377abcaf271c', 'unpack it first (7z x)'],
  ['a RAR archive', '526172211a07', 'unpack it first (unrar x)'],
  ['an LZ4 file', '04224d18', 'unpack it first (lz4 -d)'],
  ['an Excel workbook of the old kind', 'd0cf11e0a1b11ae1', 'save it as CSV'],
  ['a PDF', '255044462d', 'export the table as CSV'],
  ['an SQLite database', '53514c69746520666f726d6174', 'export the table as CSV (sqlite3 -csv -header)'],
  ['a DuckDB database', '................4455434b', 'export the table: duckdb FILE "COPY name TO \'name.parquet\'"'],
  ['an Access database', '000100005374616e6461726420', 'export the table as CSV'],
  ['an SPSS file', '24464c32', 'export the table as CSV'],
  ['a SAS table', '000000000000000000000000c2ea8160', 'export the table as CSV'],
  ['an HDF5 file', '894844460d0a1a0a', 'export the table as CSV or Parquet'],
  ['an Avro file', '4f626a01', 'export the table as Parquet or JSON lines'],
  ['a NumPy array', '934e554d5059', 'save it as text (numpy.savetxt) or Parquet'],
  ['an Arrow file', '4152524f5731', 'export the table as Parquet'],
  ['text in UTF-32', 'fffe0000', 'save it as UTF-8'],
  ['text in UTF-32', '0000feff', 'save it as UTF-8'],
  ['an Arrow stream', 'ffffffff', 'export the table as Parquet'],
  ['a Feather file', '46454131', 'export the table as Parquet'],
  ['an ORC file', '4f5243', 'export the table as Parquet'],
  ['a MATLAB file', '4d41544c414220', 'write its matrix as CSV (scipy.io.loadmat, or writematrix in MATLAB)'],
  ['R data', '580a000000', 'write the table by write.csv'],
  ['R data', '524458', 'write the table by write.csv'],
  ['a Stata file', '3c73746174615f647461', 'export the table as CSV'],
  ['an encrypted Parquet file', '50415245', 'write it without encryption'],
  ['a file packed by compress', '1f9d', 'unpack it first (uncompress)'],
  ['a file packed by lzma', '5d000080', 'unpack it first (unlzma)'],
  ['a file packed by lzma', '5d000000', 'unpack it first (unlzma)'],
  ['a file packed by Snappy', 'ff060000734e61507059', 'unpack it first (snzip -d)'],
  ['a JPEG image', 'ffd8ff', 'give the table itself'],
  ['a PNG image', '89504e47', 'give the table itself'],
  ...['02', '03', '04', '05'].map(
    protocol => ['a Python pickle', `80${protocol}`, 'export the table as CSV or Parquet'] as [string, string, string],
  ),
]

/** @param head the first bytes of a file as it lies on disk; brotli has no signature, only an ending */
export function codecOf(head: Buffer, name: string): Codec {
  const known = SIGNATURES.find(([, hex]) => startsWith(head, hex))
  return known?.[0] ?? (/\.br$/i.test(name) ? 'brotli' : 'none')
}

function startsWith(head: Buffer, hex: string): boolean {
  return new RegExp(`^${hex}$`).test(head.subarray(0, hex.length / 2).toString('hex'))
}

/** @param bytes the first of a Parquet file, or its last four */
export function isParquet(bytes: Buffer): boolean {
  return startsWith(bytes, '50415231')
}

/** @throws DataError for a kind of file that is known and not read */
export function refuseForeign(head: Buffer, label: string): void {
  // four letters may begin a header too: PARENT_ID, ORCID
  const isBinary = head.some(byte => byte < 9)
  const isText = (hex: string) => hex.length <= 8 && /^[ -~]+$/.test(Buffer.from(hex, 'hex').toString('latin1'))
  const found = FOREIGN.find(([, hex]) => startsWith(head, hex) && (isBinary || !isText(hex)))
  if (found) throw new DataError(`${label}: ${found[0]}; ${found[2]}`)
}

type Packed = Pick<DataFile, 'path' | 'label' | 'codec'>

/** The content of a file, unpacked. @throws DataError when it is damaged */
export async function* unpacked({ path, label, codec }: Packed, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const bytes = readBytes(path, signal)
  if (codec === 'none') return yield* bytes
  try {
    yield* codec === 'bzip2' ? unbzipped(bytes) : codec === 'xz' ? unxzipped(bytes) : unzipped(bytes, codec)
  } catch (error) {
    signal?.throwIfAborted()
    const reason = `damaged ${codec} data: ${messageOf(error)}`
    throw new DataError(`${label}: ${reason}; compress the file again`, { cause: error })
  }
}

function unzipped(bytes: AsyncIterable<Buffer>, codec: 'gzip' | 'zstd' | 'brotli'): AsyncIterable<Buffer> {
  const create = { gzip: createGunzip, zstd: createZstdDecompress, brotli: createBrotliDecompress }[codec]
  // errors of either stream end the iteration, so the callback has nothing to do
  return pipeline(bytes, create(), () => {}) as AsyncIterable<Buffer>
}

async function* unxzipped(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  // a CommonJS module, whose names Node itself finds only in its default
  const { default: xz } = (await import('xz-decompress')) as unknown as { default: typeof import('xz-decompress') }
  const packed = Readable.toWeb(Readable.from(bytes, { objectMode: false })) as ReadableStream
  for await (const chunk of new xz.XzReadableStream(packed)) yield Buffer.from(chunk)
}

/** The library has a stream of the old kind, which ends and fails by events alone. */
async function* unbzipped(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { default: unbzip2 } = await import('unbzip2-stream')
  const unpacker = unbzip2() as unknown as NodeJS.ReadWriteStream
  const output = unpacker.pipe(new PassThrough())
  const fail = (error: Error) => void output.destroy(error)
  unpacker.on('error', fail)
  const feed = async () => {
    for await (const chunk of bytes) {
      if (output.destroyed) return
      if (!unpacker.write(chunk)) await Promise.race([once(unpacker, 'drain'), once(output, 'close')])
    }
    unpacker.end()
  }
  feed().catch(fail)
  yield* output
}

export type ArchiveKind = 'zip' | 'tar'

/** @param content the first bytes, after unpacking: a tar archive may be compressed */
export function archiveKind(content: Buffer): ArchiveKind | undefined {
  if (startsWith(content, '504b0304') || startsWith(content, '504b0506')) return 'zip'
  return content.subarray(257, 262).toString('latin1') === 'ustar' ? 'tar' : undefined
}

/** Takes the files out of an archive. @throws DataError when it is damaged or encrypted */
export async function extract(
  file: DataFile,
  kind: ArchiveKind,
  directory: string,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await (kind === 'zip' ? extractZip(file.path, directory, signal) : extractTar(file, directory, signal))
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof DataError) throw error
    const reason = `damaged ${kind} archive: ${messageOf(error)}`
    throw new DataError(`${file.label}: ${reason}; unpack it first, or pack it again`, { cause: error })
  }
}

async function extractZip(path: string, directory: string, signal?: AbortSignal): Promise<void> {
  const yauzl = await import('yauzl')
  const archive = await new Promise<import('yauzl').ZipFile>((resolve, reject) =>
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    ),
  )
  try {
    await new Promise<void>((resolve, reject) => {
      archive.on('error', reject)
      archive.on('end', resolve)
      archive.on('entry', (entry: import('yauzl').Entry) => {
        if (entry.fileName.endsWith('/') || isHidden(entry.fileName)) return archive.readEntry()
        archive.openReadStream(entry, (error, stream) => {
          if (error) return reject(error)
          store(stream, directory, entry.fileName, signal).then(() => archive.readEntry(), reject)
        })
      })
      archive.readEntry()
    })
  } finally {
    archive.close()
  }
}

async function extractTar(file: DataFile, directory: string, signal?: AbortSignal): Promise<void> {
  const { createTarDecoder } = await import('modern-tar')
  const bytes = Readable.toWeb(
    Readable.from(unpacked(file, signal), { objectMode: false }),
  ) as ReadableStream<Uint8Array>
  for await (const { header, body } of bytes.pipeThrough(createTarDecoder())) {
    if (header.type !== 'file' || isHidden(header.name)) await body.cancel()
    else await store(body, directory, header.name, signal)
  }
}

/** What macOS and others put beside the data. */
function isHidden(name: string): boolean {
  return name.startsWith('__MACOSX/') || basename(name).startsWith('.')
}

async function store(
  content: NodeJS.ReadableStream | ReadableStream,
  directory: string,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  const path = join(directory, normalize(`/${name}`))
  await mkdir(dirname(path), { recursive: true })
  await finished(content as NodeJS.ReadableStream, createWriteStream(path), signal ? { signal } : {})
}

/** The beginning of a file's content, unpacked. @throws DataError when it is damaged so early */
export async function readContentHead(file: Packed, length: number): Promise<Buffer> {
  if (file.codec === 'none') return readHead(file.path, file.label, length)
  const chunks: Buffer[] = []
  let held = 0
  for await (const chunk of unpacked(file)) {
    chunks.push(chunk)
    held += chunk.length
    if (held >= length) break
  }
  return Buffer.concat(chunks).subarray(0, length)
}

export function extensionOf(path: string): string {
  return /\.([^./\\]+)$/.exec(path.toLowerCase().replace(PACKED, ''))?.[1] ?? ''
}
