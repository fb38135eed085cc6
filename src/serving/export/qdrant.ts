/** Vectors as the bodies of Qdrant's REST calls. */
import { join } from 'node:path'
import { writeAtomic } from '../../files.ts'
import { columnsOf } from '../../kernels/csr.ts'
import type { IdColumn } from '../items/texts.ts'
import { type ExportTarget, vectorsOf } from './vector-export.ts'

/** Points of a call. */
const POINTS = 1000

export const qdrant: ExportTarget = {
  name: 'qdrant',
  summary: 'bodies of REST calls that make two collections, items and users, and a script that sends them',
  out: 'directory',
  async write(content, out) {
    const { catalogue, dimensions, item, user } = vectorsOf(content)
    const { items, users, titles, attributes, histories } = catalogue
    const collection = { vectors: { size: dimensions, distance: 'Dot' } }
    await writeAtomic(join(out, 'collection.json'), `${JSON.stringify(collection, null, 2)}\n`)
    const write = async (
      name: string,
      ids: IdColumn,
      vector: (row: number) => Float32Array,
      payload: (row: number) => object,
    ) => {
      for (let begin = 0, part = 0; begin < ids.length; begin += POINTS, part++) {
        const points = Array.from({ length: Math.min(POINTS, ids.length - begin) }, (_, at) => ({
          // Qdrant takes unsigned integers and UUIDs as ids: the item's own is in the payload
          id: begin + at,
          vector: Array.from(vector(begin + at)),
          payload: payload(begin + at),
        }))
        await writeAtomic(join(out, `${name}-${String(part).padStart(5, '0')}.json`), JSON.stringify({ points }))
      }
    }
    await write('items', items, item, row => ({
      item_id: items.at(row),
      ...(titles?.at(row) && { title: titles.at(row) }),
      ...Object.fromEntries(attributes.map(({ name, at }) => [name, at(row)])),
    }))
    await write('users', users, user, row => ({
      user_id: users.at(row),
      seen: Array.from(columnsOf(histories, row)),
    }))
    await writeAtomic(join(out, 'upload.sh'), SCRIPT)
    return `${items.length} items and ${users.length} users with vectors of ${dimensions}: ${out}. Send them with QDRANT_URL=http://… sh upload.sh; the distance Dot is the score.`
  },
}

const SCRIPT = `#!/bin/sh
# Makes the collections dualtree_items and dualtree_users and fills them.
set -eu
url="\${QDRANT_URL:-http://localhost:6333}"
cd "$(dirname "$0")"
send() { curl --fail-with-body --silent --show-error -X PUT "$url/collections/$1" -H "api-key: \${QDRANT_API_KEY:-}" -H 'content-type: application/json' --data-binary "@$2"; echo; }
for name in items users; do
  send "dualtree_$name" collection.json
  for part in "$name"-*.json; do send "dualtree_$name/points?wait=true" "$part"; done
done
`
