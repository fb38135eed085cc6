/** A chat-completions server that answers at once, in a process of its own: what is left is the client's time. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const verdicts = Array.from({ length: 20 }, (_, candidate) => ({ candidate, label: 'negative' }))
const reply = (content: object) =>
  JSON.stringify({
    choices: [{ message: { content: JSON.stringify(content) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1500, completion_tokens: 240 },
  })
const many = reply({ verdicts })
const one = reply({ label: 'negative' })

const server = createServer((request, response) => {
  let single = false
  request.on('data', chunk => {
    single ||= chunk.includes('Candidate:')
  })
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(single ? one : many)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port))
