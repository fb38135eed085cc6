/**
 * What a mask does by itself: one fixed EASE, ranked three times, with nothing changed but which items may not be
 * recommended. `node examples/mask-alone.ts [directory]`; needs the Amazon Sports split released with the DTL-NS paper
 * and its enhanced training set, which are not part of this package. Memory about 600 MB, time about half a minute.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { releasedSeen } from '../src/evaluation/protocols.ts'
import { baselines, createKernels, evaluate, loadSplit, seenAt } from '../src/index.ts'
import { describeEnvironment } from '../src/run/environment.ts'

const directory = process.argv[2] ?? '../shared/data/sports'
const SEED = 1

if (existsSync(directory)) await compare()
else process.stdout.write(`no data at ${directory}: give the directory of the released Sports split\n`)

async function compare(): Promise<void> {
  const { split } = await loadSplit(directory)
  const { userIds, itemIds, byUser } = split.train
  // train and the judged positives; those of train are masked anyway
  const lines = (await readFile(join(directory, 'released', 'train_enhance_dtl_fni.txt'), 'utf8')).trim().split('\n')
  const pairs = lines.map(line => line.split('\t'))
  const enhanced = {
    users: pairs.map(([user]) => userIds.indexOf(user)),
    items: pairs.map(([, item]) => itemIds.indexOf(item)),
  }
  const masks = {
    'train + valid (strict)': seenAt('test', split),
    train: byUser,
    'train + judged positives (released)': releasedSeen(split, enhanced),
  }
  const ease = baselines.get('ease')
  const kernels = createKernels()
  const recommender = ease.fit({ train: split.train, kernels, seed: SEED }, {})
  const { dualtree, node, cpu } = describeEnvironment(SEED, split.hash)
  process.stdout.write(`dualtree ${dualtree}, Node ${node}, ${cpu}; seed ${SEED}, data ${split.hash.slice(0, 12)}\n`)
  for (const [name, seen] of Object.entries(masks)) {
    const request = { truth: split.test, histories: split.train.byUser, seen, seed: SEED, cutoffs: [20] }
    const { metrics, users } = evaluate(recommender, request)
    const [recall, ndcg] = [metrics['recall@20'], metrics['ndcg@20']].map(value => value.toFixed(4))
    process.stdout.write(`EASE λ = 100, mask ${name}: Recall@20 ${recall}, NDCG@20 ${ndcg}, ${users} users\n`)
  }
}
