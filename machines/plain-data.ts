// Plain data: what event data may hold whatever its schema says, since it is kept as sent. Usual data is checked as it is read
// (events/reading.ts), all else in a walk of its own, which says what is wrong.
import type { Flaw } from './event.ts'

// 32: our deepest schema nests four levels; beyond this it is an attack on whatever walks it.
const DEPTH_MAX = 32

/** The first thing in `value` that cannot be kept: NUL or half a surrogate pair in a text or key, `__proto__`, nesting without end. */
export function dataFlaw(value: unknown, depth = 0): Flaw | undefined {
  if (typeof value === 'string') return flawAt('', textFlaw(value))
  if (typeof value !== 'object' || value === null) return undefined
  if (depth === DEPTH_MAX) return flawAt('', `nests deeper than ${DEPTH_MAX} levels`)
  return Array.isArray(value) ? listFlaw(value, depth) : recordFlaw(value as Record<string, unknown>, depth)
}

function listFlaw(list: readonly unknown[], depth: number): Flaw | undefined {
  for (let index = 0; index < list.length; index++) {
    const flaw = dataFlaw(list[index], depth + 1)
    if (flaw !== undefined) return flawAt(`[${index}]${flaw.path}`, flaw.message)
  }
  return undefined
}

function recordFlaw(record: Record<string, unknown>, depth: number): Flaw | undefined {
  for (const name in record) {
    const flaw = memberFlaw(name, record[name], depth + 1)
    if (flaw !== undefined) return flawAt(`.${printable(name)}${flaw.path}`, flaw.message)
  }
  return undefined
}

/** What is wrong with a member of that name, or with its value, which stands `depth` levels deep. */
export function memberFlaw(name: string, value: unknown, depth: number): Flaw | undefined {
  const message = name === '__proto__' ? 'is not a member that is kept' : textFlaw(name)
  return message === undefined ? dataFlaw(value, depth) : flawAt('', message)
}

// The path is put together on the way back, from the flaw outwards: data without one costs no text.
function flawAt(path: string, message: string | undefined): Flaw | undefined {
  return message === undefined ? undefined : { path, message }
}

const printable = (name: string): string => name.toWellFormed().replaceAll('\0', '\\0').slice(0, 100)

/** Why a text cannot be kept. */
export function textFlaw(text: string): string | undefined {
  if (text.length <= LETTERS_MAX && isPlain(text)) return undefined
  if (text.includes('\0')) return 'must not contain NUL'
  return text.isWellFormed() ? undefined : 'is not well-formed Unicode'
}

// Letter by letter up to here: asking V8 of a text costs more than looking at these.
const LETTERS_MAX = 32

/** Whether no letter of it is NUL, or stands in two halves. */
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const letter = text.charCodeAt(index)
    if (letter === 0 || (letter & 0xf800) === 0xd800) return false
  }
  return true
}
