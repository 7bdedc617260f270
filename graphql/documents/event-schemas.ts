// JSON Schemas of the canonical events, from the zod schemas that judge them.
import { z } from 'zod'
import { type EventType, eventTypeEntry, schemaOf } from '../../machines/event-types.ts'

export interface JsonSchema {
  readonly [key: string]: unknown
}

/** The input side of a zod schema: what a sender writes. Refinements that JSON Schema cannot say are left out. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

export const newestVersion = (type: EventType): number => eventTypeEntry(type).versions.length

/** The schema of an event's data in one version; undefined when there is no such version. */
export function dataSchema(type: EventType, version: number): JsonSchema | undefined {
  // Which zone local times are read in changes what they mean, not what they look like.
  const known = schemaOf(type, version, 'UTC')
  return known === undefined ? undefined : inputSchema(known.schema)
}

/** The same as a document of its own. */
export function eventSchemaDocument(type: EventType, version: number): JsonSchema | undefined {
  const schema = dataSchema(type, version)
  if (schema === undefined) return undefined
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:ordertwin:event:${type}:${version}`,
    title: `${type}, version ${version}`,
    ...schema,
  }
}
