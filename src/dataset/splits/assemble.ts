/** From three parts in shared codes to a split whose vocabularies come from train alone. */
import { DataError } from '../../errors.ts'
import { plural } from '../../numbers.ts'
import { offsetsOf } from '../csr.ts'
import { createVocabulary, type Dataset, datasetOf, type ExternalId, type TimeKind } from '../dataset.ts'
import { quote } from '../files/text.ts'
import { degrees } from '../filters/core.ts'
import { countOf, type Interactions, rewrite, select, without } from '../interactions.ts'
import type { DataCounts } from '../report.ts'
import { createSplit, heldOutOf, type Split } from '../split.ts'

export interface Parts {
  readonly train: Interactions
  readonly valid: Interactions
  readonly test: Interactions
  /** of users that are not in train: what is known of them at test */
  readonly given?: Interactions
}

/**
 * @param label what messages call the data
 * @param parts each sorted by user and item, each pair once; their columns are taken over and rewritten
 * @param counts takes the sizes, and what the held-out parts lost
 * @param timeKind of the times, where there are any
 * @throws DataError when there is one user only, a user without an item left to recommend, or nothing held out
 */
export function assemble(
  label: string,
  parts: Parts,
  userIds: readonly ExternalId[],
  itemIds: readonly ExternalId[],
  counts: DataCounts,
  timeKind?: TimeKind,
): Split {
  const users = present(parts.train.users, userIds, parts.given?.users)
  const items = present(parts.train.items, itemIds)
  const shared = { userIds, itemIds }
  for (const name of ['valid', 'test'] as const) checkOrder(label, name, parts[name], users, items, shared)
  const train = recode(parts.train, users, items)
  checkUsers(label, train, users.ids, items.ids)

  const known = (part: Interactions) => {
    const ofKnownUsers = select(part, row => users.codeOf[part.users[row]] >= 0)
    const ofKnownItems = select(ofKnownUsers, row => items.codeOf[ofKnownUsers.items[row]] >= 0)
    counts.heldOutUnknownUsers += countOf(part) - countOf(ofKnownUsers)
    counts.heldOutUnknownItems += countOf(ofKnownUsers) - countOf(ofKnownItems)
    const unseen = without(recode(ofKnownItems, users, items), train)
    counts.heldOutAlreadySeen += countOf(ofKnownItems) - countOf(unseen)
    return unseen
  }
  const valid = known(parts.valid)
  const allTest = known(parts.test)
  const test = without(allTest, valid)
  counts.testAlreadyInValid = countOf(allTest) - countOf(test)
  const check = (name: 'valid' | 'test', after: Interactions) => {
    if (countOf(after) > 0) return
    const { users: of, items: ofItems } = parts[name]
    const known = (id: ExternalId, code: number) => `${quote(String(id))} (${code < 0 ? 'not ' : ''}in train)`
    const reason =
      of.length === 0
        ? 'no interaction falls into it; give more data or a larger share'
        : `nothing is left of its ${plural(of.length, 'interaction')}: users or items that train does not have, or pairs that it has already; the first is of user ${known(userIds[of[0]], users.codeOf[of[0]])} and item ${known(itemIds[ofItems[0]], items.codeOf[ofItems[0]])}`
    throw new DataError(`${label}: the ${name} part is empty: ${reason}`)
  }
  check('valid', valid)
  check('test', test)
  Object.assign(counts, {
    users: users.ids.length,
    items: items.ids.length,
    train: countOf(train),
    valid: countOf(valid),
    test: countOf(test),
  })

  const heldOut = ({ times, ...pairs }: Interactions) =>
    heldOutOf({ ...pairs, ...(times && { timestamps: times }) }, users.ids.length, items.ids.length)
  const given = parts.given && heldOut(known(parts.given))
  const ofTest = { ...heldOut(test), ...(given && { given }) }
  return createSplit(sortedDataset(train, users.ids, items.ids, timeKind), heldOut(valid), ofTest)
}

/** Everything as one data set, with nothing held out: what a model is fitted on that nobody measures. */
export function assembleWhole(
  whole: Interactions,
  userIds: readonly ExternalId[],
  itemIds: readonly ExternalId[],
  timeKind?: TimeKind,
): Dataset {
  const [users, items] = [present(whole.users, userIds), present(whole.items, itemIds)]
  return sortedDataset(recode(whole, users, items), users.ids, items.ids, timeKind)
}

/** Of interactions that are sorted, each pair once, in the codes of the ids. */
function sortedDataset(
  { users, items, times, weights }: Interactions,
  userIds: readonly ExternalId[],
  itemIds: readonly ExternalId[],
  timeKind?: TimeKind,
): Dataset {
  const columns = {
    ...(times && { timestamps: times, timeKind: timeKind ?? 'clock' }),
    ...(weights && { weights: new Float32Array(weights) }),
  }
  const byUser = { offsets: offsetsOf(users, userIds.length), indices: items }
  return datasetOf(byUser, columns, createVocabulary(userIds), createVocabulary(itemIds))
}

/** The ids that a column, or a second one, holds, in their order, and the new code of each old one (−1 for the others). */
function present(codes: Int32Array, ids: readonly ExternalId[], more: Int32Array = new Int32Array(0)) {
  const counts = degrees(more, ids.length, degrees(codes, ids.length))
  const kept = ids.filter((_, code) => counts[code] > 0)
  let next = 0
  return { ids: kept, codeOf: counts.map(count => (count > 0 ? next++ : -1)) }
}

type Present = ReturnType<typeof present>

/** In place: a large log is held once only. */
function recode(part: Interactions, users: Present, items: Present): Interactions {
  // where all ids are present, each keeps its code
  if (users.ids.length < users.codeOf.length) rewrite(part.users, users.codeOf)
  if (items.ids.length < items.codeOf.length) rewrite(part.items, items.codeOf)
  return part
}

/** @throws DataError for a part whose users are items of train, and its items users */
function checkOrder(
  label: string,
  name: 'valid' | 'test',
  part: Interactions,
  users: Present,
  items: Present,
  { userIds, itemIds }: { readonly userIds: readonly ExternalId[]; readonly itemIds: readonly ExternalId[] },
): void {
  const strangers = part.users.filter(code => users.codeOf[code] < 0)
  if (2 * strangers.length <= part.users.length) return
  const known = (ids: readonly ExternalId[]) => new Set(ids.map(String))
  const shareOf = (codes: Int32Array, ids: readonly ExternalId[], among: ReadonlySet<string>) =>
    codes.filter(code => among.has(String(ids[code]))).length / codes.length
  if (shareOf(part.users, userIds, known(items.ids)) < 0.9 || shareOf(part.items, itemIds, known(users.ids)) < 0.9)
    return
  throw new DataError(
    `${label}: the users of the ${name} part are items of train, and its items users: its columns stand the other way round; write them as in train`,
  )
}

function checkUsers(
  label: string,
  { users }: Interactions,
  userIds: readonly ExternalId[],
  itemIds: readonly ExternalId[],
): void {
  if (userIds.length === 0) throw new DataError(`${label}: no interaction is left to train on; hold out less`)
  if (userIds.length === 1)
    throw new DataError(
      `${label}: the only user is ${quote(String(userIds[0]))}, and one is too few to learn from; check which column holds the users, and the filters`,
    )
  if (itemIds.length === 1)
    throw new DataError(
      `${label}: the only item is ${quote(String(itemIds[0]))}, so that nothing is left to recommend; check which column holds the items, and the filters`,
    )
  const user = degrees(users, userIds.length).indexOf(itemIds.length)
  if (user < 0) return
  throw new DataError(
    `${label}: user ${quote(String(userIds[user]))} has interacted with all ${plural(itemIds.length, 'item')} of train, so that nothing is left to recommend; remove the user, or add items`,
  )
}
