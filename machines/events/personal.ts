// Personal fields: what an event says of people, declared where its schema is. They are kept sealed (E12): a text that begins
// with NUL, which no text from outside may hold (plain-data.ts), stands in their place. Pure.
import type { z } from 'zod'

const declared = new WeakSet<z.ZodType>()

/** Declares every field of this schema personal. Takes sealed texts for the texts they stand for. */
export function personal<Schema extends z.ZodType>(schema: Schema): Schema {
  declared.add(schema)
  const { run } = schema._zod
  schema._zod.run = (payload, context) => (isSealed(payload.value) ? payload : run(payload, context))
  return schema
}

export const isPersonal = (schema: z.ZodType): boolean => declared.has(schema)
export const isSealed = (value: unknown): value is string => typeof value === 'string' && value.charCodeAt(0) === 0

/** Where personal fields are in data of one shape. */
export interface PersonalFields {
  /** Members that are. */
  readonly own: readonly string[]
  /** Members that hold such. */
  readonly within: readonly (readonly [member: string, fields: PersonalFields])[]
  /** Of a list: in each of its elements. */
  readonly each?: PersonalFields
  /** All members the schema names. */
  readonly known: ReadonlySet<string>
}

/** The personal fields of data that `schema` judges; undefined where it has none. */
export function personalFields(schema: z.ZodType): PersonalFields | undefined {
  const def = schema._zod.def as SchemaParts
  if (def.innerType !== undefined) return personalFields(def.innerType)
  if (def.element !== undefined) {
    const each = personalFields(def.element)
    return each && { own: [], within: [], each, known: NOTHING }
  }
  if (def.shape === undefined) return undefined
  const own: string[] = []
  const within: (readonly [string, PersonalFields])[] = []
  for (const [name, member] of Object.entries(def.shape)) {
    const fields = personalFields(member)
    if (isDeclared(member)) own.push(name)
    else if (fields !== undefined) within.push([name, fields])
  }
  return own.length + within.length === 0 ? undefined : { own, within, known: new Set(Object.keys(def.shape)) }
}

const NOTHING: ReadonlySet<string> = new Set()

/** What we read of zod's own description of a schema. */
interface SchemaParts {
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
  readonly innerType?: z.ZodType
}

function isDeclared(schema: z.ZodType): boolean {
  const def = schema._zod.def as SchemaParts
  return declared.has(schema) || (def.innerType !== undefined && isDeclared(def.innerType))
}

/** The fields of both. */
export function eitherFields(one: PersonalFields, other: PersonalFields): PersonalFields {
  const within = new Map(one.within)
  for (const [name, fields] of other.within) {
    const known = within.get(name)
    within.set(name, known === undefined ? fields : eitherFields(known, fields))
  }
  const each = one.each && other.each ? eitherFields(one.each, other.each) : (one.each ?? other.each)
  return {
    own: [...new Set([...one.own, ...other.own])],
    within: [...within],
    ...(each === undefined ? {} : { each }),
    known: new Set([...one.known, ...other.known]),
  }
}

/**
 * `data` with each personal value as `seal` gives it; `data` itself where nothing changes. In objects within it that hold
 * personal fields, members the schema does not know are taken for personal too: an address may say more than we read.
 */
export function withPersonal(data: unknown, fields: PersonalFields, seal: (value: unknown) => unknown): unknown {
  return replaced(data, fields, seal, true)
}

function replaced(value: unknown, fields: PersonalFields, seal: (value: unknown) => unknown, isTop: boolean): unknown {
  if (value === undefined || value === null) return value
  // Only what is not of its shape, and was kept as it was refused, has a text here.
  if (typeof value !== 'object') return typeof value === 'string' && !isTop ? seal(value) : value
  if (Array.isArray(value)) return fields.each === undefined ? value : listReplaced(value, fields.each, seal)
  const record = value as Readonly<Record<string, unknown>>
  let copy: Record<string, unknown> | undefined
  for (const name of fields.own) {
    const member = record[name]
    const sealed = member == null ? member : seal(member)
    if (sealed === member) continue
    copy ??= { ...record }
    copy[name] = sealed
  }
  for (const [name, inner] of fields.within) {
    const member = record[name]
    const sealed = replaced(member, inner, seal, false)
    if (sealed === member) continue
    copy ??= { ...record }
    copy[name] = sealed
  }
  if (isTop || fields.own.length === 0) return copy ?? value
  for (const name in record) {
    const member = record[name]
    const sealed = member == null || fields.known.has(name) ? member : seal(member)
    if (sealed === member) continue
    copy ??= { ...record }
    copy[name] = sealed
  }
  return copy ?? value
}

function listReplaced(
  list: readonly unknown[],
  each: PersonalFields,
  seal: (value: unknown) => unknown,
): readonly unknown[] {
  let copy: unknown[] | undefined
  for (let index = 0; index < list.length; index++) {
    const element = replaced(list[index], each, seal, false)
    if (element === list[index]) continue
    copy ??= [...list]
    copy[index] = element
  }
  return copy ?? list
}

/**
 * `parsed`, which was read from `sent`, as it would be read from `sealed`: `sent` with its personal values sealed. Members of
 * what was sent that no schema knows are not in it, sealed or not.
 */
export function withSealed(
  { parsed, sealed, sent }: { readonly parsed: unknown; readonly sealed: unknown; readonly sent: unknown },
  fields: PersonalFields,
): unknown {
  if (sealed === sent) return parsed
  // What reading gave back as it came (reading.ts) it would give back again.
  if (parsed === sent) return sealed
  if (Array.isArray(parsed)) {
    const { each } = fields
    const [before, after] = [sent as readonly unknown[], sealed as readonly unknown[]]
    if (each === undefined) return parsed
    return parsed.map((element, index) =>
      withSealed({ parsed: element, sent: before[index], sealed: after[index] }, each),
    )
  }
  const [before, after] = [sent as Readonly<Record<string, unknown>>, sealed as Readonly<Record<string, unknown>>]
  const copy: Record<string, unknown> = { ...(parsed as object) }
  for (const name of fields.own) if (copy[name] !== undefined && isSealed(after[name])) copy[name] = after[name]
  for (const [name, inner] of fields.within)
    if (copy[name] !== undefined)
      copy[name] = withSealed({ parsed: copy[name], sent: before[name], sealed: after[name] }, inner)
  return copy
}
