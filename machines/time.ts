// Times as partners send them → epoch milliseconds UTC (domain §4).
import { DateTime } from 'luxon'

// RFC 3339 with offset; seconds are required, a lower-case t or z and a space are not accepted.
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/
const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$/
const DATE = /^\d{4}-\d{2}-\d{2}$/

/** An RFC 3339 time with offset as epoch milliseconds, or undefined when it is none. A time before 1970 is none either. */
export function instantMs(text: string): number | undefined {
  // Nearly all are written as isoTime writes them: read digit by digit, at a tenth of the cost.
  const ms = utcMs(text)
  return ms === undefined ? anyInstantMs(text) : ms
}

/** The time `text` is if it is written as isoTime writes it, between 1970 and 2100; undefined where it may be written otherwise. */
function utcMs(text: string): number | undefined {
  if (
    !isIsoTime(text) ||
    text[4] !== '-' ||
    text[7] !== '-' ||
    text[10] !== 'T' ||
    text[13] !== ':' ||
    text[16] !== ':'
  )
    return undefined
  const year = digitsAt(text, 0, 4)
  const month = digitsAt(text, 5, 2)
  const day = digitsAt(text, 8, 2)
  const hour = digitsAt(text, 11, 2)
  const minute = digitsAt(text, 14, 2)
  const second = digitsAt(text, 17, 2)
  const fraction = digitsAt(text, 20, 3)
  // NaN, of what is no digit, is in no range.
  const isDay = year >= 1970 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 28
  if (!(isDay && hour < 24 && minute < 60 && second < 60 && fraction >= 0)) return undefined
  const days = (year - 1970) * 365 + leapDaysBefore(year, month) + (DAYS_BEFORE[month - 1] as number) + day - 1
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + fraction
}

const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const
/** Every fourth year from 1972 on has one, until 2100. */
const leapDaysBefore = (year: number, month: number): number => Math.floor((year - (month > 2 ? 1968 : 1969)) / 4)

function digitsAt(text: string, start: number, count: number): number {
  let value = 0
  for (let index = start; index < start + count; index++) {
    const digit = text.charCodeAt(index) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

function anyInstantMs(text: string): number | undefined {
  if (!INSTANT.test(text)) return undefined
  const ms = Date.parse(text)
  // Date.parse rolls 31 February over into March: the day must still be the one that was written.
  if (!(ms >= 0) || !isCalendarDay(text)) return undefined
  return ms
}

/**
 * A time within event data as epoch milliseconds: with offset as it says, a local time in `zone` (IANA),
 * a bare date as the end of that day there. Undefined when it is no time or the zone does not exist.
 */
export function momentMs(text: string, zone: string): number | undefined {
  const ms = utcMs(text)
  if (ms !== undefined) return ms
  if (INSTANT.test(text)) return instantMs(text)
  const isDate = DATE.test(text)
  if (!isDate && !LOCAL.test(text)) return undefined
  const local = DateTime.fromISO(text, { zone })
  if (!local.isValid) return undefined
  const localMs = (isDate ? local.endOf('day') : local).toMillis()
  return localMs >= 0 ? localMs : undefined
}

export const isTimeZone = (zone: string): boolean => DateTime.local({ zone }).isValid

// 2,000: IANA has some 600 names; spellings of them beyond this are looked up each time and not kept.
const ZONES_KEPT_MAX = 2_000
const zones = new Map<string, string | undefined>()

/** The one name of a zone, however it is spelled; undefined when it is none. Schemas are kept by zone: names must be few. */
export function canonicalZone(zone: string): string | undefined {
  if (zones.has(zone)) return zones.get(zone)
  const canonical = isTimeZone(zone)
    ? new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
    : undefined
  if (zones.size < ZONES_KEPT_MAX) zones.set(zone, canonical)
  return canonical
}

/** As Date says it; put together from parts, since whoever reads a journal asks for a million of them. */
export function isoTime(ms: number): string {
  if (!(ms >= 0 && ms < YEAR_10000_MS)) return new Date(ms).toISOString()
  const day = Math.floor(ms / DAY_MS)
  if (day !== lastDay) {
    lastDay = day
    lastDate = new Date(day * DAY_MS).toISOString().slice(0, 11)
  }
  const rest = ms - day * DAY_MS
  const seconds = Math.floor(rest / 1_000)
  const minutes = Math.floor(seconds / 60)
  const clock = `${TWO[Math.floor(minutes / 60)]}:${TWO[minutes % 60]}:${TWO[seconds % 60]}`
  return `${lastDate}${clock}.${THREE[Math.floor(rest - seconds * 1_000)]}Z`
}
const DAY_MS = 86_400_000
const YEAR_10000_MS = Date.UTC(10_000, 0)
const TWO = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
const THREE = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'))
// Events come day after day.
let lastDay = -1
let lastDate = ''

/** Whether a text that instantMs takes is the one isoTime gives: milliseconds, in UTC, and no midnight called 24 o'clock. */
export const isIsoTime = (text: string): boolean =>
  text.length === 24 && text[23] === 'Z' && text[19] === '.' && !(text[11] === '2' && text[12] === '4')

function isCalendarDay(text: string): boolean {
  const day = Number(text.slice(8, 10))
  if (day <= 28) return true
  const year = Number(text.slice(0, 4))
  const month = Number(text.slice(5, 7))
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}
