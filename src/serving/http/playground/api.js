/** Calls of the API. The key, where one is asked for, is held by this page alone. */

let key = ''

export const useKey = text => {
  key = text
}

/** An answer that is a problem document. */
export class ApiProblem extends Error {
  constructor({ status, detail }) {
    super(detail)
    this.status = status
  }
}

async function call(path, body) {
  const response = await fetch(path, {
    headers: { ...(body && { 'content-type': 'application/json' }), ...(key && { authorization: `Bearer ${key}` }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ApiProblem({ status: 0, detail: 'The server does not answer.' })
  })
  const json = await response.json()
  if (!response.ok) throw new ApiProblem(json)
  return json
}

// answers to this request id are not counted in click-through
const requestId = 'playground'

export const getModel = () => call('/v1/model')
export const getItem = id => call(`/v1/items/${encodeURIComponent(id)}`)
export const searchItems = words => call(`/v1/items?limit=12&search=${encodeURIComponent(words)}`)
export const recommend = request => call('/v1/recommend', { ...request, k: 12, explain: true, requestId })
export const similar = item => call('/v1/similar', { item, k: 6, requestId })
