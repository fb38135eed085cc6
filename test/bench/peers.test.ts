import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { peerTable } from '../../bench/peers/table.ts'
import { rows } from '../../bench/peers/work.ts'

it('a row beside a peer has medians, every round, the ratio of the medians and the quality of both', () => {
  const own = { seconds: [0.3, 0.1, 0.2], ndcg: 0.0512 }
  const row = { work: 'bpr', title: 'an epoch', peer: 'implicit', version: 'implicit==0.7.3' } as const
  const { header, rows: lines } = peerTable([{ ...row, own, other: { seconds: [0.4, 0.5, 0.1] } }])
  expect(header).toHaveLength(lines[0].length)
  expect(lines[0]).toEqual([
    ...['an epoch', 'implicit 0.7.3', '200.0 ms (300.0 100.0 200.0)'],
    ...['400.0 ms (400.0 500.0 100.0)', '0.50', '0.0512', ''],
  ])
})

it('every peer has a script and requirements with pinned versions', () => {
  for (const { peer, work } of rows) {
    expect(existsSync(join('bench/peers', `peer_${peer}.py`)), peer).toBe(true)
    expect(readFileSync(`bench/peers/peer_${peer}.py`, 'utf8')).toContain(`"${work}": `)
    const packages = readFileSync(`bench/peers/requirements/${peer}.txt`, 'utf8').trim().split('\n')
    for (const line of packages) expect(line).toMatch(/^[\w-]+==\d[\w.+]*$/)
  }
})
