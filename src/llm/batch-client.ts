/** `/v1/files` and `/v1/batches` of a server. @source platform.openai.com, "Batch API" */
import { z } from 'zod'
import { RunError } from '../errors.ts'
import { parseJson } from './completion.ts'
import { type Clock, sleep } from './dispatch.ts'
import { ConnectionFault, endpointOf, type HttpClient } from './http.ts'
import { messageIn } from './replies.ts'

const batchSchema = z.object({
  id: z.string(),
  status: z.string(),
  output_file_id: z.string().nullish(),
  error_file_id: z.string().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  errors: z.object({ data: z.array(z.object({ message: z.string().nullish() })).nullish() }).nullish(),
})
const listSchema = z.object({ data: z.array(batchSchema), has_more: z.boolean().nullish() })
const fileSchema = z.object({ id: z.string() })

/** @param outage seconds without a reply after which it is given up */
export function createBatchClient(client: HttpClient, outage: number, clock: Clock) {
  /** Tries again what may help. @param again what makes another try needless */
  const call = async <T>(
    endpoint: string,
    path: string,
    read: (text: string) => T,
    body?: string | FormData,
    again: () => Promise<T | undefined> = async () => undefined,
  ): Promise<T> => {
    const url = endpointOf(endpoint, path)
    const started = clock.now()
    for (let wait = 1; ; wait = Math.min(30, wait * 2)) {
      const reply = await client.send(url, body).catch((error: unknown) => {
        if (error instanceof ConnectionFault) return { status: 0, body: error.message }
        throw error
      })
      if (reply.status >= 200 && reply.status < 300) return read(reply.body)
      const detail = `${reply.status > 0 ? `HTTP ${reply.status} ` : ''}${messageIn(reply.body)}`
      if (reply.status >= 400 && reply.status < 500 && reply.status !== 429 && reply.status !== 408)
        throw new RunError(
          `${url} refuses (${detail}): if this server has no batch API, "dualtree judge run" asks without`,
        )
      if (clock.now() - started > outage)
        throw new RunError(`no answer for ${outage} s from ${url} (${detail}): the same command resumes`)
      await sleep(clock, wait)
      const found = await again()
      if (found !== undefined) return found
    }
  }
  /** The batch of this name, such as one that was created in the moment of a stop. */
  const find = async (endpoint: string, name: string) => {
    for (let after = ''; ; ) {
      const { data, has_more } = await call(endpoint, `batches${after}`, as(listSchema))
      const found = data.find(({ metadata }) => metadata?.dualtree === name)
      if (found || !has_more || data.length === 0) return found
      after = `?after=${data.at(-1)!.id}`
    }
  }
  return {
    find,
    /** @returns the id of the file */
    async upload(endpoint: string, name: string, content: string): Promise<string> {
      const form = new FormData()
      form.set('purpose', 'batch')
      form.set('file', new File([content], `${name}.jsonl`, { type: 'application/jsonl' }))
      return (await call(endpoint, 'files', as(fileSchema), form)).id
    },
    /** Once, also where a reply is lost. */
    create(endpoint: string, name: string, file: string) {
      const about = { endpoint: '/v1/chat/completions', completion_window: '24h', metadata: { dualtree: name } }
      const body = JSON.stringify({ input_file_id: file, ...about })
      return call(endpoint, 'batches', as(batchSchema), body, () => find(endpoint, name))
    },
    state: (endpoint: string, batch: string) => call(endpoint, `batches/${batch}`, as(batchSchema)),
    content: (endpoint: string, file: string) => call(endpoint, `files/${file}/content`, text => text),
  }
}

/** @throws RunError when a reply is something else */
function as<T>(schema: z.ZodType<T>): (text: string) => T {
  return text => {
    const parsed = schema.safeParse(parseJson(text))
    if (parsed.success) return parsed.data
    throw new RunError(`the batch API says something that is not in its form: ${messageIn(text)}`)
  }
}
