/** One of several processes that ask the same prompts over one ledger: `node judge-worker.ts FOLDER URL`. */
import { judges } from '../../src/judges/index.ts'
import { createReferenceKernels } from '../../src/kernels/reference/reference.ts'
import { candidates, codes, train } from './judge-script.ts'

const [folder, url] = process.argv.slice(2)
const context = { train, codes, kernels: createReferenceKernels(), seed: 1, folder }
const how = { baseUrl: [url], concurrency: 3, retries: 100, timeout: 1, outage: 600, failOnError: 1 }
await judges.get('chat').create(context, { llmModel: 'tiny' }, how).judge(candidates)
