/**
 * OpenAI Batch files: a request a line out, a result a line in, as `vllm run-batch`, OpenAI, Together, Groq and others
 * read and write them.
 * @source platform.openai.com, "Batch API"
 */
import { type FileHandle, open } from 'node:fs/promises'
import { z } from 'zod'
import { DataError, messageOf } from '../errors.ts'
import { parseJson } from './completion.ts'

/** One line of a request file, with its line break. @param body JSON */
export function requestLine(id: string, body: string): string {
  return `{"custom_id":"${id}","method":"POST","url":"/v1/chat/completions","body":${body}}\n`
}

export interface BatchRequest {
  readonly id: string
  /** JSON */
  readonly body: string
}

const requestSchema = z.object({ custom_id: z.string(), body: z.record(z.string(), z.unknown()) })

/** @throws DataError naming file and line */
export async function* readRequests(path: string): AsyncGenerator<BatchRequest> {
  for await (const { value, place } of readLines(path)) {
    const parsed = requestSchema.safeParse(value)
    if (!parsed.success) throw new DataError(`${place}: expected a request with "custom_id" and "body"`)
    yield { id: parsed.data.custom_id, body: JSON.stringify(parsed.data.body) }
  }
}

export interface BatchResult {
  readonly id: string
  readonly status: number
  /** the body of the reply, or what is said of the error, as JSON */
  readonly body: string
}

const resultSchema = z.object({
  custom_id: z.string(),
  response: z.object({ status_code: z.number(), body: z.unknown() }).nullish(),
  error: z.unknown().optional(),
})

/** One line of a result file, with its line break. @param body the text of a reply, JSON or not */
export function resultLine({ id, status, body }: BatchResult): string {
  return `${JSON.stringify({ id: `dualtree-${id}`, custom_id: id, response: { status_code: status, body: parseJson(body) ?? { error: { message: body } } }, error: null })}\n`
}

/** @throws DataError naming file and line; what came before has been given out */
export function readResults(path: string): AsyncGenerator<BatchResult> {
  return resultsOf(readLines(path))
}

/** The same from a text. @param label for messages */
export function parseResults(text: string, label: string): AsyncGenerator<BatchResult> {
  const lines = text.split('\n').map((line, index) => ({ line, place: `${label} line ${index + 1}` }))
  return resultsOf(lines.filter(({ line }) => line.trim() !== '').map(({ line, place }) => parseLine(line, place)))
}

async function* resultsOf(lines: AsyncIterable<ParsedLine> | Iterable<ParsedLine>): AsyncGenerator<BatchResult> {
  for await (const { value, place } of lines) {
    const parsed = resultSchema.safeParse(value)
    if (!parsed.success) throw new DataError(`${place}: expected a result with "custom_id" and "response" or "error"`)
    const { custom_id: id, response, error } = parsed.data
    if (response) yield { id, status: response.status_code, body: JSON.stringify(response.body) }
    else yield { id, status: 500, body: JSON.stringify({ error: error ?? 'no response' }) }
  }
}

interface ParsedLine {
  readonly value: unknown
  readonly place: string
}

async function* readLines(path: string): AsyncGenerator<ParsedLine> {
  let file: FileHandle | undefined
  try {
    file = await open(path)
    let number = 0
    for await (const line of file.readLines()) {
      number++
      if (line.trim() !== '') yield parseLine(line, `${path} line ${number}`)
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    throw new DataError(`${path}: cannot be read: ${messageOf(cause)}`, { cause })
  } finally {
    await file?.close()
  }
}

function parseLine(line: string, place: string): ParsedLine {
  const value = parseJson(line)
  if (value !== undefined) return { value, place }
  throw new DataError(`${place}: not JSON: was the file cut off? what came before is taken; give the whole file again`)
}
