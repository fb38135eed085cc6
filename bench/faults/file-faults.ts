/**
 * One file of a run is damaged, and a command is started over it. Good ends are the same bytes as without damage (healed, where the
 * command makes files), or one clear line with exit code 2, 3 or 4, after which `run` makes whole what it makes.
 */
import { derive, randomStream } from '../../src/random.ts'
import { damagedCopy, damageOf } from './damage.ts'
import { here, READERS } from './readers.ts'
import { differences, judgeError, type Outcome, type World } from './world.ts'

/** The fault with this number: what is damaged, and which command is started over it. */
export function fileFaultOf({ files }: World, seed: number, index: number) {
  const random = randomStream(derive(seed, 'command', index))
  const commands = ['run', ...Object.keys(READERS)]
  const command = commands[random.below(commands.length)]
  const which = command === 'run' && random.below(3) === 0 ? 'half' : 'finished'
  const damage = damageOf(seed, index, files[which])
  return { command, which, damage, words: `${damage.kind}: ${which}/${damage.file}, then ${command}` } as const
}

export async function checkFileFault(world: World, seed: number, index: number): Promise<Outcome> {
  const { command, which, damage, words } = fileFaultOf(world, seed, index)
  const copy = damagedCopy(world.directory, world.runs[which], damage)
  const failure = (why: string): Outcome => ({ kind: 'failure', what: `${words}: ${why}` })
  const again = [...world.args, '--quiet', '--out', copy, '--force']
  const result = command === 'run' ? await here(again) : await READERS[command](copy)
  if (result.code === 0) {
    const differing = command === 'run' ? differences(world, copy) : otherWords(result.stdout, command, copy, world)
    return differing === undefined ? { kind: 'same', what: words } : failure(`exit 0, but ${differing}`)
  }
  const { failure: wrong, line } = judgeError(result)
  if (wrong !== undefined) return failure(wrong)
  if (command !== 'run') {
    const healed = await here(again)
    const { failure: stuck } = healed.code === 0 ? {} : judgeError(healed)
    if (stuck !== undefined) return failure(`${line}; run afterwards: ${stuck}`)
    const differing = healed.code === 0 ? differences(world, copy) : undefined
    if (differing !== undefined) return failure(`${line}; run afterwards: ${differing}`)
  }
  return { kind: 'error', what: `${words}: ${line}` }
}

function otherWords(stdout: string, command: string, copy: string, { runs, expected }: World): string | undefined {
  // every answer has an id of its own
  const plain = (text: string, run: string) => text.replaceAll(run, 'RUN').replaceAll(/"requestId": *"[^"]*"/g, '')
  const same = plain(stdout, copy) === plain(expected[command], runs.finished)
  return same ? undefined : `it said ${stdout.slice(0, 300)}`
}
