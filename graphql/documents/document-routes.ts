// What the server tells about itself, each document made once.
import type { FastifyInstance } from 'fastify'
import { isEventType } from '../../machines/event-types.ts'
import { Refusal } from '../problems.ts'
import { asyncApiDocument } from './asyncapi.ts'
import { eventSchemaDocument, newestVersion } from './event-schemas.ts'
import { openApiDocument } from './openapi.ts'

const JSON_TYPE = 'application/json'
const SCHEMA_TYPE = 'application/schema+json'

interface SchemaParams {
  readonly type: string
  /** Absent: the newest. */
  readonly version?: string
}

export function documentRoutes(app: FastifyInstance, version: string): void {
  const openApi = JSON.stringify(openApiDocument(version))
  const asyncApi = JSON.stringify(asyncApiDocument(version))
  app.get('/v1/openapi.json', async (_request, reply) => reply.type(JSON_TYPE).send(openApi))
  app.get('/v1/asyncapi.json', async (_request, reply) => reply.type(JSON_TYPE).send(asyncApi))
  for (const path of ['/v1/schemas/events/:type.json', '/v1/schemas/events/:type/:version.json'])
    app.get<{ Params: SchemaParams }>(path, async ({ params }, reply) =>
      reply.type(SCHEMA_TYPE).send(schemaText(params)),
    )
}

function schemaText({ type, version }: SchemaParams): string {
  if (!isEventType(type)) throw new Refusal('not_found', `${type} is not a canonical event`)
  const number = version === undefined ? newestVersion(type) : Number(version)
  const document = eventSchemaDocument(type, number)
  if (document === undefined) throw new Refusal('not_found', `${type} has versions 1 to ${newestVersion(type)}`)
  return JSON.stringify(document)
}
