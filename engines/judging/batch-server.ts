/** The scripted batch server of the tests, on a port: `node engines/judging/batch-server.ts PORT`. Every batch ends when it is looked at. */
import { createServer } from 'node:http'
import { createBatchServer } from '../../test/support/batch-server.ts'

const batches = createBatchServer(() => ({ status: 'completed' }))
createServer(async (request, reply) => {
  const body = request.method === 'GET' ? undefined : (await request.toArray()).join('')
  const { status, body: text } = await batches.send(`http://x${request.url}`, body)
  reply.writeHead(status, { 'content-type': 'application/json' })
  reply.end(text)
}).listen(Number(process.argv[2]), '127.0.0.1')
