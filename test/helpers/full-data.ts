// Data of an event with every field its schema has, made from the schema itself: each text is another one, found again anywhere.
import { dataSchema, newestVersion } from '../../graphql/documents/event-schemas.ts'
import type { EventType } from '../../machines/event-types.ts'

interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly minimum?: number
}

/** `textOf` makes the next text. */
export const fullData = (type: EventType, textOf: () => string, version = newestVersion(type)): unknown =>
  filled(dataSchema(type, version) as Schema, '', textOf)

function filled(schema: Schema, name: string, textOf: () => string): unknown {
  const { anyOf, const: only, enum: values, items, properties } = schema
  if (only !== undefined) return only
  if (values !== undefined) return values[0]
  if (anyOf !== undefined) return filled(anyOf[0] as Schema, name, textOf)
  if (items !== undefined) return [filled(items, name, textOf)]
  if (properties !== undefined)
    return Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, filled(each, key, textOf)]))
  if (schema.type === 'string') return textFor(schema, name, textOf)
  if (schema.type === 'number' || schema.type === 'integer') return 1
  return {}
}

function textFor({ pattern }: Schema, name: string, textOf: () => string): string {
  if (/At$/.test(name)) return '2026-11-23T10:00:00Z'
  if (name === 'timeZone') return 'Europe/Berlin'
  if (name === 'currency') return 'USD'
  return pattern === undefined ? textOf() : '1.00'
}
