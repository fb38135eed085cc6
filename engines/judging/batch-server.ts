/** The scripted batch server of the tests, on a port: `node engines/judging/batch-server.ts PORT`. Every batch ends when it is looked at. */
import { createBatchServer, listenForBatches } from '../../test/support/batch-server.ts'

await listenForBatches(
  createBatchServer(() => ({ status: 'completed' })),
  Number(process.argv[2]),
)
