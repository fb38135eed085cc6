/** Dates as people and programs write them. What stands behind the day is understood whole, or the text is no date. */

/** How a time was written. Of 03/04/2020, month and day are for the column to say; it is kept as the 4th of March. */
export const DATED = { number: 0, date: 1, ambiguous: 2, dayFirst: 3, monthFirst: 4 } as const

interface Day {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly dated: number
  /** clock and zone */
  readonly rest: string
}

const HOUR = 3_600_000

/** ms since 1970, in UTC when no zone is named; nothing when the text is no date. */
export function parseDate(text: string): { value: number; dated: number } | undefined {
  const [, written] = /^\\?\/date\((-?\d+)(?:[+-]\d{4})?\)\\?\/$/i.exec(text) ?? []
  if (written) return { value: Number(written), dated: DATED.date }
  const plain = simplified(text)
  const day = parseDigits(plain) ?? parseWeek(plain) ?? parseWords(plain)
  if (!day) return
  const midnight = Date.UTC(day.year, day.month - 1, day.day)
  const value = midnight + clockMs(day.rest)
  return new Date(midnight).getUTCMonth() === day.month - 1 && Number.isFinite(value)
    ? { value, dated: day.dated }
    : undefined
}

/** Small letters without accents, am and pm without points, no name of a zone in brackets, and Chinese, Japanese and Korean dates in figures. */
function simplified(text: string): string {
  let plain = text
  if (/[^ -~]/.test(text))
    plain = text
      .replace(/^(\d{4})\s*[年년.]\s*(\d{1,2})\s*[月월.]\s*(\d{1,2})\s*[日일.]?/, '$1-$2-$3 ')
      .replace(/上午|午前|오전/, ' am ')
      .replace(/下午|午後|오후/, ' pm ')
      .replace(/(\d+)[时時点시](\d+)[分분](?:(\d+)[秒초])?/, '$1:$2:$3')
      .replace(/:(?=\s*$)/, '')
      .normalize('NFD')
      .replace(/[\u0300-\u036f]/g, '')
  plain = plain.toLowerCase().trim()
  if (/[[(]/.test(plain)) plain = plain.replace(/\[[a-z_/]+\]$|\s*\([^)]*\)$/, '').replace(/^\[|\]$/g, '')
  // the colon of 13/Sep/2020:12:26:40, as web servers write it, is none of a clock
  return plain
    .replace(/^(\d{1,2}[/-]?[a-z]{3}[/-]?\d{4}):/, '$1 ')
    .replace(/\b([ap])\.\s?m\.?/, '$1m')
    .trim()
}

function parseDigits(text: string): Day | undefined {
  const iso =
    /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?=$|[tz\s]|[-_]\d{1,2}[.:]\d)/.exec(text) ??
    /^(\d{4})()(\d{2})(\d{2})(?=[t ]\d)/.exec(text)
  if (iso) {
    const rest = text.slice(iso[0].length).replace(/^[t ](\d\d)(\d\d)(\d\d)?(?!\d)/, (_, hour, minute, second) => `${hour}:${minute}:${second ?? '00'}`) // biome-ignore format: one line
    return { year: Number(iso[1]), month: Number(iso[3]), day: Number(iso[4]), dated: DATED.date, rest }
  }
  const month = /^((?:19|20)\d\d)[-/](\d\d)$/.exec(text)
  if (month) return { year: Number(month[1]), month: Number(month[2]), day: 1, dated: DATED.date, rest: '' }
  const digits = /^(\d{1,2})([-/.\s])(\d{1,2})(?:\2|,\s*)(\d{4}|\d{2})(?=$|[t\s,])/.exec(text)
  if (!digits) return
  const [first, second] = [Number(digits[1]), Number(digits[3])]
  const dayFirst = first > 12 || digits[2] === '.'
  const dated = dayFirst ? DATED.dayFirst : second > 12 || digits[2] === ' ' ? DATED.monthFirst : DATED.ambiguous
  return {
    year: yearOf(digits[4]),
    month: dayFirst ? second : first,
    day: dayFirst ? first : second,
    dated,
    rest: text.slice(digits[0].length),
  }
}

function yearOf(text: string): number {
  return Number(text) + (text.length === 4 ? 0 : Number(text) < 70 ? 2000 : 1900)
}

/** 2020-W38 is its Monday, 2020-W38-2 the day after. */
function parseWeek(text: string): Day | undefined {
  const [, year, week, day = '1'] = /^(\d{4})-?w(\d{2})(?:-?([1-7]))?$/.exec(text) ?? []
  if (year === undefined || Number(week) < 1 || Number(week) > 53) return
  // the 4th of January lies in the first week
  const fourth = new Date(Date.UTC(Number(year), 0, 4))
  const date = new Date(fourth)
  date.setUTCDate(4 - ((fourth.getUTCDay() + 6) % 7) + 7 * (Number(week) - 1) + Number(day) - 1)
  const [month, own] = [date.getUTCMonth() + 1, date.getUTCDate()]
  return { year: date.getUTCFullYear(), month, day: own, dated: DATED.date, rest: '' }
}

/** In English, German, French, Spanish, Portuguese, Italian and Dutch, without accents; three letters are enough. */
const MONTHS = [
  'january januar janvier janeiro januari enero gennaio',
  'february februar fevrier febrero fevereiro febbraio februari',
  'march mars marz maerz marzo marco maart mrz',
  'april avril abril aprile',
  'may mai mayo maio maggio mei',
  'june juni juin junio junho giugno',
  'july juli juillet julio julho luglio',
  'august aout agosto augustus',
  'september septembre septiembre setembro settembre',
  'october oktober octobre octubre outubro ottobre',
  'november novembre noviembre novembro',
  'december dezember decembre diciembre dezembro dicembre',
].map(names => names.split(' '))

function monthCalled(word: string): number {
  return word.length < 3 ? 0 : 1 + MONTHS.findIndex(names => names.some(name => name.startsWith(word)))
}

/** 13 Sep 2020, Sunday, September 13th, 2020, 13-SEP-20 with 1.20.48 PM, Sep 2020. */
function parseWords(text: string): Day | undefined {
  if (text.length > 60 || !/^[\w\s,.:+/'-]+$/.test(text)) return
  const clock = /(?<![\d.])\d{1,2}(?:[:h]\d{2}|\.\d{2}\.\d{2})(?:[:.]\d{2})?(?:[.,]\d+)?(?!\d)(?:\s*[ap]m?\b)?(?:\s*(?:utc|gmt|z)?\s*[+-]\d{1,2}:?(?:\d{2})?(?!\d))?/.exec(text) // biome-ignore format: one line
  const before = clock ? text.slice(0, clock.index) : text
  const behind = clock ? text.slice(clock.index + clock[0].length) : ''
  const words = `${before} ${behind}`.match(/[a-z]+|\d+/g) ?? []
  // "mar" before another month is a Tuesday of Romance languages
  const month = words.map(monthCalled).findLast(number => number > 0)
  const numbers = words.filter(word => /^\d/.test(word))
  const year = numbers.find(word => /^(19|20)\d\d$/.test(word))
  const others = numbers.filter(word => word !== year)
  if (month === undefined || others.some(word => word.length > 2)) return
  const isMonth = year !== undefined && others.length === 0 && words.length === 2
  if (!isMonth && others.length !== (year === undefined ? 2 : 1)) return
  if (year === undefined && others[1].length < 2) return
  const zone = behind.match(/[a-z]+/g)?.find(word => word in ZONES) ?? ''
  const rest = clock ? `${clock[0]} ${zone}` : ''
  return { year: yearOf(year ?? others[1]), month, day: isMonth ? 1 : Number(others[0]), dated: DATED.date, rest }
}

const CLOCK =
  /^(?:(?:at|a|um|kl)\.?\s+)?(?:([ap])m\s+)?(\d{1,2})(?:[:.h](\d{2})(?:[:.](\d{2})(?:[.,:](\d+))?)?|(?=\s*$)(?<=\d\d)|(?=\s*[ap]m|h\b))\s*(?:([ap])m?(?=$|\s)|uhr|h\b)?\s*(.*)$/

const ZONE = /^(?:z|utc|gmt)?\s*([+-])(\d{1,2})(?::?(\d{2}))?(?:\s+[a-z]{2,5})?$/

/** Names of zones with one meaning, in hours; others are taken as UTC. */
const ZONES: Readonly<Record<string, number>> = {
  ...{ z: 0, utc: 0, gmt: 0, wet: 0, est: -5, edt: -4, cst: -6, cdt: -5, mst: -7, mdt: -6, pst: -8, pdt: -7 },
  ...{ cet: 1, cest: 2, mez: 1, mesz: 2, bst: 1, west: 1, eet: 2, eest: 3, msk: 3, jst: 9, kst: 9 },
}

/** What a clock and its zone add to midnight in UTC, in ms; ∞ when they cannot be read. */
function clockMs(written: string): number {
  const rest = written.replace(/^[t_,\s]+|^\s*-(?=\s|\d{1,2}[.:])/, '').trim()
  if (/^(z|utc|gmt)?$/.test(rest)) return 0
  const match = CLOCK.exec(rest)
  if (!match) return Number.POSITIVE_INFINITY
  const [, ahead, hour, minute = '0', second = '0', fraction = '0', behind, zone] = match
  const half = ahead ?? behind
  const hours = half ? (Number(hour) % 12) + (half === 'p' ? 12 : 0) : Number(hour)
  if (hours > 24 || Number(minute) > 59 || Number(second) > 60) return Number.POSITIVE_INFINITY
  const time = ((hours * 60 + Number(minute)) * 60 + Number(second)) * 1000 + Number(`0.${fraction}`) * 1000
  return time - zoneMs(zone.trim())
}

function zoneMs(zone: string): number {
  const [, sign, hours, minutes = '0'] = ZONE.exec(zone) ?? []
  if (sign) return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * 60_000)
  if (zone in ZONES) return ZONES[zone] * HOUR
  return /^([a-z]{2,5}|[a-z]+(\/[a-z_]+)+)?$/.test(zone) ? 0 : Number.NaN
}
