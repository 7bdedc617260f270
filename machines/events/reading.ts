// Reading: what a schema makes of data that is as it should be, as most is, without the copies that zod makes of all it looks at.
// It follows from the schema, member by member. What is not as it should be it gives back unread: zod, which stays the authority
// on what is well-formed, judges that again and says so in its own words. A test holds the two against each other.
import type { z } from 'zod'
import { isPersonal, isSealed } from './personal.ts'

/** What becomes of a value; UNREAD where zod must be asked. What needs no change is given back as it came, not copied. */
export type Reading = (value: unknown) => unknown
export const UNREAD: unique symbol = Symbol('unread')

const declared = new WeakMap<z.ZodType, Reading>()

/** `schema`, of whose values `read` tells what becomes of the usual ones, without running its checks: they cost several times as much. */
export function withReading<Schema extends z.ZodType>(schema: Schema, read: Reading): Schema {
  declared.set(schema, read)
  return schema
}

/** The same for a schema that changes nothing: `isFine` knows the usual ones. */
export const quick = <Schema extends z.ZodType>(schema: Schema, isFine: (value: unknown) => boolean): Schema =>
  withReading(schema, value => (isFine(value) ? value : UNREAD))

/** How `schema` reads. */
export function schemaReading(schema: z.ZodType): Reading {
  const read = declared.get(schema) ?? checkedReading(schema)
  return isPersonal(schema) ? value => (isSealed(value) ? value : read(value)) : read
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
}

function checkedReading(schema: z.ZodType): Reading {
  const parts = schema._zod.def as SchemaParts
  const read = partsReading(parts)
  if (read === undefined) return readingByZod(schema)
  const { checks = [] } = parts
  return checks.length === 0 ? read : value => checked(read(value), checks)
}

function partsReading(parts: SchemaParts): Reading | undefined {
  const { catchall, element, innerType, options, shape, type } = parts
  if (type === 'object' && shape !== undefined && catchall === undefined) return recordReading(shape)
  if (type === 'array' && element !== undefined) return listReading(schemaReading(element))
  if (type === 'union' && options !== undefined) return eitherReading(options.map(schemaReading))
  if (innerType === undefined || (type !== 'optional' && type !== 'default')) return undefined
  const read = schemaReading(innerType)
  // A default is asked for each time: it may be an object.
  return value => (value === undefined ? parts.defaultValue : read(value))
}

function readingByZod(schema: z.ZodType): Reading {
  return value => {
    const parsed = schema.safeParse(value)
    return parsed.success ? parsed.data : UNREAD
  }
}

function checked(value: unknown, checks: readonly z.core.$ZodCheck[]): unknown {
  if (value === UNREAD) return UNREAD
  const payload: z.core.ParsePayload<never> = { value: value as never, issues: [] }
  for (const check of checks) check._zod.check(payload)
  return payload.issues.length === 0 ? payload.value : UNREAD
}

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
  /** Whether nothing comes of it where it is absent; else a flaw does, or a default. */
  readonly mayLack: boolean
}

type Fields = Readonly<Record<string, unknown>>

function recordReading(shape: Readonly<Record<string, z.ZodType>>): Reading {
  const members = Object.entries(shape).map(([name, schema]) => ({
    name,
    read: schemaReading(schema),
    mayLack: schema._zod.optin === 'optional',
  }))
  return value => {
    if (!isRecord(value)) return UNREAD
    return readInOrder(value, members) ?? readInAnyOrder(value, members)
  }
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
    const read = member.read(value)
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

function readInAnyOrder(record: Fields, members: readonly Member[]): unknown {
  const made: Record<string, unknown> = {}
  for (const { mayLack, name, read } of members) {
    if (mayLack && !(name in record)) continue
    const value = read(record[name])
    if (value === UNREAD) return UNREAD
    made[name] = value
  }
  return made
}
