/** What people call the columns of interactions: exact names that are usual, and words that names are made of. */
import { nearest } from '../../nearest.ts'
import type { Role } from './rows.ts'

const words = (text: string) => text.split(' ')

/** Lower case, without separators; earlier names win. A weight is never guessed. */
const USUAL: Readonly<Record<Role, readonly string[]>> = {
  user: words(
    'userid user uid distinctid userpseudoid anonymousid fullvisitorid customerid customer reviewerid visitorid memberid accountid clientid buyerid profileid account member visitor reviewer userprofile email mail emailaddress useremail customeremail customeruser',
  ),
  item: words(
    'itemid item iid productid product movieid movie parentasin asin articleid article bookid book isbn songid song trackid track artistid artist businessid business venueid venue poiid poi videoid video gameid game postid post recipeid recipe animeid anime sku goodsid contentid',
  ),
  rating: words('rating ratings stars score overall'),
  time: words(
    'timestamp time ts datetime date eventtime createdat unixreviewtime unixtime createtime eventtimestamp visittime',
  ),
  event: words(
    'event eventtype eventname action actiontype behavior behaviour behaviortype behaviourtype interaction interactiontype activity activitytype feedbacktype type kind verb status orderstatus financialstatus paymentstatus ereignis aktion evento accion acao azione evenement 行为 行为类型 行為 событие',
  ),
  weight: [],
}

/** Words for those who interact and for what they interact with, in a few languages; the weaker ones stand last. */
const ENTITIES = {
  user: 'user|usr|customer|cust|client|member|visitor|buyer|shopper|account|acct|profile|reviewer|rater|voter|reader|viewer|listener|player|subscriber|student|learner|person|people|household|patient|borrower|guest|consumer|passenger|investor|usuario|cliente|utilisateur|utente|kund(?:en?)?|klienta?|zakaznika?|musteri|benutzer|nutzer|gebruiker|klant|device|cookie|session|用户|用戶|客户|會員|会员|会員|顧客|顾客|買家|ユーザー|사용자|회원|고객|пользователь|покупатель|клиент',
  item: 'item|lineitem|product|prod|stock|article|art|movie|film|show|book|song|track|artist|album|video|game|app|post|news|story|recipe|anime|manga|venue|poi|place|business|restaurant|hotel|listing|course|job|goods|content|object|material|page|url|subreddit|channel|playlist|podcast|episode|beer|wine|photo|image|joke|bookmark|tweet|repo|repository|project|campaign|adgroup|ad|offer|document|doc|paper|asin|isbn|ean|upc|gtin|sku|artikel|produktu?|urun|produit|producto|produto|prodotto|articulo|livre|libro|buch|title|商品|产品|產品|製品|物品|アイテム|상품|товар|фильм|книга',
} as const

const ID =
  'ids?|keys?|no|nr|nbr|num|number|nummer|code|codigo|kodu?|hash|uuid|guid|uri|ref|pk|idx|identifier|sku?|token|card|karte|e?mail|emailaddress|name|编号|編號|卡號|卡号|番号|コード|번호|код|номер'
const ASIDE = words(
  'the my a of line external internal ext pseudo anon anonymous anonymized hashed raw orig original encoded new source dim fk click clicked viewed purchased bought watched played',
)

const COMPOUND = Object.fromEntries(
  Object.entries(ENTITIES).map(([role, entity]) => [
    role,
    new RegExp(
      `^(?:(${entity})s?(?:${entity})?s?(${ID})?|(?:ids?|code|cod|codigo|numero|key|num|n|ref(?:erence)?)(${entity})s?)$`,
    ),
  ]),
) as Record<'user' | 'item', RegExp>

const TIME_WORD =
  /^(time|timestamp|timestamps|date|datetime|ts|day|when|epoch|at|on|datum|fecha|zeit|zeitpunkt|zeitstempel|heure|horodatage|dt|dat|created|occurred|week|month|时间|時間|日期|日時|購入日|날짜|дата|время)$/
const OTHER_TIMES = /birth|dob|release|publish|signup|regist|joined|expir|deliver|updated|modified|valid/
const RATING_WORD =
  /^(rating|ratings|rate|rated|stars?|score|grade|vote|votes|liked?|dislike|thumbs|preference|bewertung|avaliacao|calificacion|sentiment|评分|評分|評価|평점|оценка)$/

function tokens(name: string): string[] {
  return withoutAccents(name)
    .replace(/:[a-z_]+$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(word => word !== '')
}

/** código as codigo; letters of other scripts stay whole. */
function withoutAccents(text: string): string {
  return /[^ -~]/.test(text) ? text.normalize('NFD').replace(/(?<=[a-z])[\u0300-\u036f]+/gi, '').normalize('NFC') : text // biome-ignore format: one line
}

/** What all names begin with, as where a database writes `events.user_id`; empty when that is nothing. */
export function commonPrefix(names: readonly string[]): string {
  const prefix = /^.*\./.exec(names[0] ?? '')?.[0] ?? ''
  return names.length > 1 && names.every(name => name.startsWith(prefix) && name.length > prefix.length) ? prefix : ''
}

/** `user_id`, `userId`, `USER ID` and RecBole's `user_id:token` are one name. */
export function normalize(name: string): string {
  return tokens(name).join('')
}

/** How surely a name means a role: 0 for a usual one, more for those made of its words; nothing for others. */
export function rankOfName(name: string, role: Role): number | undefined {
  const inner = /\.([^.]+)$/.exec(name)?.[1]
  return rankOfWords(name, role) ?? (inner === undefined ? undefined : rankOfWords(inner, role))
}

function rankOfWords(name: string, role: Role): number | undefined {
  // a value, as in the first row of a table without a header: the patterns below take milliseconds to compile
  if (/^\d*$/.test(name)) return
  const known = tokens(name)
  const usual = USUAL[role].indexOf(known.join(''))
  if (usual >= 0) return usual / 100
  if (role === 'user' || role === 'item') {
    const match = COMPOUND[role].exec(known.filter(word => !ASIDE.includes(word)).join(''))
    if (!match) return
    const weaker = ENTITIES[role].split('|').indexOf(match[1] ?? match[3]) / 100
    return (/^(name|e?mail.*)$/.test(match[2] ?? '') ? 4 : match[1] && !match[2] ? 3 : 2) + Math.max(0, weaker)
  }
  if (role === 'time' && known.some(word => TIME_WORD.test(word)))
    return OTHER_TIMES.test(known.join('')) ? undefined : 2
  if (role === 'time' && /(date|time|timestamp|datum|zeit|时间|時間|日期|日時)$/.test(known.join('')))
    return OTHER_TIMES.test(known.join('')) ? undefined : 3
  return role === 'rating' && known.some(word => RATING_WORD.test(word)) ? 2 : undefined
}

export function isUsualName(name: string, role: Role): boolean {
  return rankOfName(name, role) !== undefined
}

/** Whether one of the names means users, and one items. */
export function namesUserAndItem(names: readonly string[]): boolean {
  return (['user', 'item'] as const).every(role => names.some(name => isUsualName(name, role)))
}

/** Whether a column could say how often or how much. */
export function soundsLikeWeight(name: string): boolean {
  return /count|plays?|listens|quantity|qty|freq|times(?!tamp)|views|clicks|duration|amount|weight|minutes|hours|seconds|sum|total|^n$|^w$/i.test(
    name,
  )
}

/** Whether a name is nearly a usual one of a role: a slip of the keys. */
export function isNearlyUsual(name: string, role: Role): boolean {
  const near = nearest(normalize(name), USUAL[role])
  // of names as short as "step" and "item", half of the letters is no slip
  return near !== undefined && (near.length > 4 || near[0] === normalize(name)[0])
}

/** Whether a kind of event says the opposite of a liking. */
export function saysNo(kind: string): boolean {
  return /dislike|unlike|remove|delete|return|refund|cancel|skip|unfollow|unsubscri|reject|hide|block|report|negative|thumbs?[ _-]?down|downvote|uninstall|^(down|bad|hate)$|rückgabe|retoure|storn|devolu|reembolso|cancela|anul|annul|rembours|reso$|退货|退貨|退款|取消|返品|возврат|отмена|반품|취소/i.test(
    kind,
  )
}
