// Reading: what a schema makes of data that is as it should be, as most is, without the copies that zod makes of all it looks at.
// It follows from the schema, member by member. What is not as it should be it gives back unread: zod, which stays the authority
// on what is well-formed, judges that again and says so in its own words. A test holds the two against each other. What is not
// plain data is left unread as well, so that usual data is walked once: a walk for that alone costs half as much as reading.
import type { z } from 'zod'
import { dataFlaw, memberFlaw } from '../plain-data.ts'
import { isPersonal, isSealed } from './personal.ts'

/**
 * What becomes of a value; UNREAD where zod must be asked, and where anything in it is not plain data (plain-data.ts). What needs no
 * change is given back as it came, not copied.
 */
export type Reading = (value: unknown) => unknown
export const UNREAD: unique symbol = Symbol('unread')

const declared = new WeakMap<z.ZodType, Reading>()

// 16: deeper than any schema nests. What stands there is looked at as if it stood so deep.
const DEPTH_MAX = 16

/**
 * `schema`, of whose values `read` tells what becomes of the usual ones, without running its checks: they cost several times as
 * much. It should call nothing that is handed in: a call that V8 cannot foresee costs more than most of what is checked.
 */
export function withReading<Schema extends z.ZodType>(schema: Schema, read: Reading): Schema {
  declared.set(schema, read)
  return schema
}

/** How `schema` reads data from outside, or such as was kept: only in that is anything sealed (personal.ts). */
export function schemaReading(schema: z.ZodType, isKept: boolean): Reading {
  const read = declared.get(schema) ?? checkedReading(schema, isKept)
  return isKept && isPersonal(schema) ? value => (isSealed(value) ? value : read(value)) : read
}

/** What we read of zod's own description of a schema. */
interface SchemaParts {
  readonly type: string
  readonly checks?: readonly z.core.$ZodCheck[]
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly catchall?: z.ZodType
  readonly element?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly innerType?: z.ZodType
  readonly defaultValue?: unknown
  readonly entries?: Readonly<Record<string, unknown>>
}

function checkedReading(schema: z.ZodType, isKept: boolean): Reading {
  const parts = schema._zod.def as SchemaParts
  const read = partsReading(parts, isKept)
  if (read === undefined) return readingByZod(schema)
  const { checks = [] } = parts
  return checks.length === 0 ? read : value => checked(read(value), checks)
}

function partsReading(parts: SchemaParts, isKept: boolean): Reading | undefined {
  const { catchall, element, entries, innerType, options, shape, type } = parts
  if (type === 'enum' && entries !== undefined) return wordReading(new Set(Object.values(entries)))
  if (type === 'object' && shape !== undefined && catchall === undefined) return recordReading(shape, isKept)
  if (type === 'array' && element !== undefined) return listReading(schemaReading(element, isKept))
  if (type === 'union' && options !== undefined)
    return eitherReading(options.map(option => schemaReading(option, isKept)))
  if (innerType === undefined || (type !== 'optional' && type !== 'default')) return undefined
  const read = schemaReading(innerType, isKept)
  // A default is asked for each time: it may be an object.
  return value => (value === undefined ? parts.defaultValue : read(value))
}

function readingByZod(schema: z.ZodType): Reading {
  return value => {
    const parsed = schema.safeParse(value)
    return parsed.success && dataFlaw(value, DEPTH_MAX) === undefined ? parsed.data : UNREAD
  }
}

function checked(value: unknown, checks: readonly z.core.$ZodCheck[]): unknown {
  if (value === UNREAD) return UNREAD
  const payload: z.core.ParsePayload<never> = { value: value as never, issues: [] }
  for (const check of checks) check._zod.check(payload)
  return payload.issues.length === 0 ? payload.value : UNREAD
}

const wordReading =
  (words: ReadonlySet<unknown>): Reading =>
  value =>
    words.has(value) ? value : UNREAD

function listReading(read: Reading): Reading {
  return value => {
    if (!Array.isArray(value)) return UNREAD
    let made: unknown[] | undefined
    for (let index = 0; index < value.length; index++) {
      const element = read(value[index])
      if (element === UNREAD) return UNREAD
      if (made === undefined && element !== value[index]) made = value.slice(0, index)
      made?.push(element)
    }
    return made ?? value
  }
}

/** As the first of them reads it that does. */
function eitherReading(readings: readonly Reading[]): Reading {
  return value => {
    for (const read of readings) {
      const either = read(value)
      if (either !== UNREAD) return either
    }
    return UNREAD
  }
}

interface Member {
  readonly name: string
  readonly read: Reading
  /** Whether nothing comes of it where it is absent, or undefined, and it is not read; else a flaw does, or a default. */
  readonly mayLack: boolean
}

type Fields = Readonly<Record<string, unknown>>

function recordReading(shape: Readonly<Record<string, z.ZodType>>, isKept: boolean): Reading {
  const members = Object.entries(shape).map(([name, schema]) => ({
    name,
    read: schemaReading(presentSchema(schema), isKept),
    mayLack: schema._zod.optin === 'optional',
  }))
  const known = new Set(Object.keys(shape))
  return value => {
    if (!isRecord(value)) return UNREAD
    const read = readInOrder(value, members)
    if (read !== undefined) return read
    return isKept || isPlainBeside(value, known) ? readInAnyOrder(value, members) : UNREAD
  }
}

/** What judges a member that is there. */
function presentSchema(schema: z.ZodType): z.ZodType {
  const { innerType, type } = schema._zod.def as SchemaParts
  return type === 'optional' && innerType !== undefined && !declared.has(schema) && !isPersonal(schema)
    ? presentSchema(innerType)
    : schema
}

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/**
 * Where members come in the schema's order, all known, as most do: the record as it came as long as nothing in it changes. Undefined
 * where they come otherwise.
 */
function readInOrder(record: Fields, members: readonly Member[]): unknown {
  let made: Record<string, unknown> | undefined
  let next = 0
  for (const name in record) {
    let member = members[next++]
    for (; member !== undefined && member.name !== name; member = members[next++]) {
      if (member.mayLack) continue
      made ??= membersBefore(name, record)
      made[member.name] = member.read(undefined)
      if (made[member.name] === UNREAD) return undefined
    }
    if (member === undefined) return undefined
    const value = record[name]
    const read = value === undefined && member.mayLack ? undefined : member.read(value)
    if (read === UNREAD) return UNREAD
    if (read !== value) made ??= membersBefore(name, record)
    if (made !== undefined) made[name] = read
  }
  while (next < members.length) if (!(members[next++] as Member).mayLack) return undefined
  return made ?? record
}

function membersBefore(end: string, record: Fields): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const name in record) {
    if (name === end) break
    copy[name] = record[name]
  }
  return copy
}

/** Whether members of names that are not `known`, which nobody reads, are plain data. */
function isPlainBeside(record: Fields, known: ReadonlySet<string>): boolean {
  for (const name in record)
    if (!known.has(name) && memberFlaw(name, record[name], DEPTH_MAX) !== undefined) return false
  return true
}

function readInAnyOrder(record: Fields, members: readonly Member[]): unknown {
  const made: Record<string, unknown> = {}
  for (const { mayLack, name, read } of members) {
    if (mayLack && !(name in record)) continue
    const value = record[name]
    const member = value === undefined && mayLack ? undefined : read(value)
    if (member === UNREAD) return UNREAD
    made[name] = member
  }
  return made
}
