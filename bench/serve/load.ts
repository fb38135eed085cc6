/** Load on a server of this machine: as much as there can be, or so many requests per second. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'

export interface Load {
  /** requests that were answered with 200 */
  readonly answered: number
  readonly failed: number
  readonly seconds: number
  /** from the moment that a request was meant to be sent, sorted */
  readonly milliseconds: Float64Array
}

export const CONNECTIONS = 16

export const createAgent = () => new Agent({ connections: CONNECTIONS, pipelining: 1 })

async function post(agent: Agent, url: string, body: string): Promise<boolean> {
  try {
    const headers = { 'content-type': 'application/json' }
    const response = await request(url, { method: 'POST', headers, body, dispatcher: agent })
    await response.body.dump()
    return response.statusCode === 200
  } catch {
    return false
  }
}

/** Each connection sends its next request when it has the answer to the one before. */
export async function closedLoop(
  agent: Agent,
  url: string,
  requests: number,
  bodyOf: (n: number) => string,
): Promise<Load> {
  const times = new Float64Array(requests)
  let [next, failed] = [0, 0]
  const start = performance.now()
  const connection = async () => {
    while (next < requests) {
      const n = next++
      const sent = performance.now()
      if (!(await post(agent, url, bodyOf(n)))) failed++
      times[n] = performance.now() - sent
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
  const seconds = (performance.now() - start) / 1000
  return { answered: requests - failed, failed, seconds, milliseconds: times.sort() }
}

/** Requests at a rate, whether the server keeps up or not: what waits in line counts. */
export async function openLoop(
  agent: Agent,
  url: string,
  rate: number,
  requests: number,
  bodyOf: (n: number) => string,
): Promise<Load> {
  const times = new Float64Array(requests)
  let failed = 0
  const start = performance.now()
  const under: Promise<void>[] = []
  for (let n = 0; n < requests; n++) {
    const due = start + (1000 * n) / rate
    const early = due - performance.now()
    if (early > 1) await sleep(early)
    under.push(
      post(agent, url, bodyOf(n)).then(good => {
        if (!good) failed++
        times[n] = performance.now() - due
      }),
    )
  }
  await Promise.all(under)
  return {
    answered: requests - failed,
    failed,
    seconds: (performance.now() - start) / 1000,
    milliseconds: times.sort(),
  }
}

export const quantile = (sorted: Float64Array, share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
