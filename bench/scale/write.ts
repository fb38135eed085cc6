/** Generated interactions as CSV, for engines: `node bench/scale/write.ts USERS ITEMS INTERACTIONS FILE`, numbers such as 20e6. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { histories } from './generate.ts'

const [users, items, interactions] = process.argv.slice(2, 5).map(Number)

function* lines() {
  yield 'user_id,item_id\n'
  for (const { user, history } of histories({ users, items, interactions }, 1))
    yield Array.from(history, item => `${user},${item}\n`).join('')
}

await pipeline(Readable.from(lines()), createWriteStream(process.argv[5]))
