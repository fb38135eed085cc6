import type { ExternalId } from '../dataset/dataset.ts'
import { filledRows } from '../dataset/patterns.ts'
import type { CsrPattern } from '../kernels/interface/kernels.ts'
import { formatCount, percent } from '../numbers.ts'
import { type Check, countPairs } from './check.ts'
import type { LeakageData, LeakagePart } from './data.ts'

/** Files whose ids are counted from different places look free of any leak: nothing in them meets. */
export const ids: Check = {
  name: 'ids',
  summary: 'All files speak of the same users and items.',
  run({ userIds, itemIds, parts }) {
    const train = knownIn(parts.train.pairs, itemIds.length)
    const others = Object.entries(parts).filter(([name]) => name !== 'train')
    const strangers = others.map(([name, part]) => [name, shareOutside(part, train)] as const)
    const figures = Object.fromEntries(strangers.map(([name, share]) => [`${name}OutsideTrain`, share]))
    const foreign = strangers.filter(([, share]) => share > 0.5)
    if (foreign.length > 0) {
      const listed = foreign.map(([name, share]) => `${percent(share)} of ${name}`)
      const shift = foreign
        .map(([name]) => shiftOf(parts[name as keyof LeakageData['parts']]!, train, itemIds))
        .find(s => s)
      const remedy = shift
        ? `its item ids are those of train ${shift > 0 ? 'minus' : 'plus'} ${Math.abs(shift)}`
        : 'give files of one experiment'
      return {
        verdict: 'fault',
        text: `users or items that train does not have: ${listed.join(', ')}; ${remedy}`,
        figures,
      }
    }
    const some = strangers.filter(([, share]) => share > 0)
    const unknown = some.length
      ? `; users or items that train does not have: ${some.map(([name, share]) => `${percent(share)} of ${name}`).join(', ')}`
      : ''
    const offset = sharedSpace(userIds, itemIds)
    if (offset === undefined)
      return {
        verdict: unknown ? 'note' : 'ok',
        text: `all files speak of the same users and items${unknown}`,
        figures,
      }
    return {
      verdict: 'note',
      text: `item ids are offset by the ${formatCount(offset)} users (the first item is ${offset}), in all files alike: code that takes an item id for a row must take ${offset} off${unknown}`,
      figures: { ...figures, offset },
    }
  },
}

interface Known {
  readonly users: ReadonlySet<number>
  readonly items: Uint8Array
}

function knownIn(pairs: CsrPattern, itemCount: number): Known {
  const items = new Uint8Array(itemCount)
  for (const item of pairs.indices) items[item] = 1
  return { users: new Set(filledRows(pairs)), items }
}

function shareOutside({ pairs }: LeakagePart, { users, items }: Known): number {
  return countPairs(pairs, (user, item) => !users.has(user) || !items[item]) / Math.max(1, pairs.indices.length)
}

/** The first item id when it follows on the last user id. */
function sharedSpace(userIds: readonly ExternalId[], itemIds: readonly ExternalId[]): number | undefined {
  const [last, first] = [userIds.at(-1), itemIds[0]]
  return typeof last === 'number' && typeof first === 'number' && first === last + 1 ? first : undefined
}

/** What to add to the item ids of a part so that nearly all are known; undefined when nothing simple does. */
function shiftOf({ pairs }: LeakagePart, { users, items }: Known, itemIds: readonly ExternalId[]): number | undefined {
  const own = [...new Set(pairs.indices)].map(item => Number(itemIds[item]))
  const known = new Set(itemIds.filter((_, item) => items[item]).map(Number))
  const least = [...known].reduce((a, b) => Math.min(a, b))
  const shifts = [least, -least, users.size, -users.size, 1, -1].filter(shift => shift !== 0)
  return shifts.find(shift => own.filter(id => known.has(id + shift)).length >= 0.95 * own.length)
}
