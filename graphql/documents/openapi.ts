// The OpenAPI 3.1 document, made from the schemas, outcomes and problems in use.
import { z } from 'zod'
import { HTTP_STATUS, OUTCOMES } from '../../engine/outcome.ts'
import { eventTypeNames } from '../../machines/event-types.ts'
import { BATCH_TYPE, EVENT_TYPE, JSON_TYPE, NDJSON_TYPE } from '../http/event-bodies.ts'
import { PROBLEM_TYPE, PROBLEMS } from '../problems.ts'
import { eventEnvelope, outcomeSchema } from './envelope.ts'
import { dataSchema, inputSchema, newestVersion } from './event-schemas.ts'

export const openApiDocument = (version: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'Ordertwin',
    version,
    description: 'The live, durable twin of an order network: events in, outcomes out.',
  },
  paths: {
    '/v1/events': {
      post: eventsOperation('submitEvents', 'Submits events. An outcome is sent only when it is durable.'),
    },
    '/v1/preview': {
      post: eventsOperation('previewEvents', 'The same judgement; nothing is written. Lines are judged as one batch.'),
    },
    '/v1/head': { get: operation('head', "Position and hash of the journal's end", headSchema) },
    '/v1/schemas/events/{type}.json': { get: schemaOperation('eventSchema', ['type']) },
    '/v1/schemas/events/{type}/{version}.json': { get: schemaOperation('eventSchemaVersion', ['type', 'version']) },
    '/livez': { get: operation('live', 'Whether the process runs', { type: 'object' }) },
    '/readyz': { get: operation('ready', 'Whether events are taken', { type: 'object' }) },
    '/metrics': {
      get: {
        operationId: 'metrics',
        responses: { 200: { description: 'Prometheus text', content: { 'text/plain': {} } } },
      },
    },
  },
  components: { schemas: componentSchemas() },
})

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const headSchema = {
  type: 'object',
  properties: { position: { type: 'string' }, hash: { type: 'string' } },
  required: ['position', 'hash'],
}

function componentSchemas() {
  const data = eventTypeNames.map(type => [`${type}.data`, dataSchema(type, newestVersion(type))])
  return {
    Event: inputSchema(eventEnvelope),
    Outcome: outcomeJsonSchema(),
    Problem: {
      type: 'object',
      properties: {
        type: { type: 'string' },
        title: { type: 'string' },
        status: { type: 'integer' },
        code: { enum: Object.keys(PROBLEMS) },
        detail: { type: 'string' },
      },
      required: ['type', 'title', 'status', 'code'],
    },
    ...Object.fromEntries(data),
  }
}

// An outcome holds outcomes: its references must point to where it stands in this document.
function outcomeJsonSchema() {
  const { $schema, ...schema } = z.toJSONSchema(outcomeSchema, { io: 'input' })
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#"', '"$ref":"#/components/schemas/Outcome"'))
}

function eventsOperation(operationId: string, summary: string) {
  const events = { type: 'array', items: ref('Event') }
  const outcomes = { type: 'array', items: ref('Outcome') }
  return {
    operationId,
    summary,
    description:
      'Binary mode takes the attributes as ce-* headers and the data as an application/json body. A stream of lines is ' +
      'answered while it comes in: whoever sends one must read the answers at the same time.',
    requestBody: {
      required: true,
      content: {
        [EVENT_TYPE]: { schema: ref('Event') },
        [JSON_TYPE]: { schema: ref('Event') },
        [BATCH_TYPE]: { schema: events },
        [NDJSON_TYPE]: { schema: ref('Event') },
      },
    },
    responses: {
      200: {
        description: `${outcomesOf(200)}; for a batch one outcome each, for lines one line each`,
        content: {
          [JSON_TYPE]: { schema: { anyOf: [ref('Outcome'), outcomes] } },
          [NDJSON_TYPE]: { schema: ref('Outcome') },
        },
      },
      ...Object.fromEntries(refusedStatuses().map(status => [status, refusedResponse(status)])),
      default: problemResponse('Turned away before it was read'),
    },
  }
}

const outcomesOf = (status: number) => OUTCOMES.filter(code => HTTP_STATUS[code] === status).join(', ')
const refusedStatuses = () => [...new Set(Object.values(HTTP_STATUS))].filter(status => status !== 200).sort()

const refusedResponse = (status: number) => ({
  description: outcomesOf(status),
  content: { [JSON_TYPE]: { schema: ref('Outcome') }, [PROBLEM_TYPE]: { schema: ref('Problem') } },
})

const problemResponse = (description: string) => ({
  description,
  content: { [PROBLEM_TYPE]: { schema: ref('Problem') } },
})

const operation = (operationId: string, summary: string, schema: object) => ({
  operationId,
  summary,
  responses: {
    200: { description: summary, content: { [JSON_TYPE]: { schema } } },
    default: problemResponse('Not now'),
  },
})

const schemaOperation = (operationId: string, names: readonly string[]) => ({
  ...operation(operationId, "JSON Schema of a canonical event's data", { type: 'object' }),
  parameters: names.map(name => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
})
