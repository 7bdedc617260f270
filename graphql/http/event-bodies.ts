// Bodies that carry events → what was read from them. Which mode it is, the content type and the ce- headers say.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Limits } from '../limits.ts'
import { Refusal } from '../problems.ts'
import { isBinaryMode, readBinary } from './binary-mode.ts'
import { groupsOfLines } from './lines.ts'
import { type Read, readArray, readJson } from './strict-json.ts'

export const EVENT_TYPE = 'application/cloudevents+json'
export const BATCH_TYPE = 'application/cloudevents-batch+json'
export const JSON_TYPE = 'application/json'
export const NDJSON_TYPE = 'application/x-ndjson'

export interface EventsBody {
  readonly kind: 'single' | 'batch' | 'lines'
  readonly read: Read
}

/** Takes the content types of events and no others, as bytes, each within its limit. Streams are up to the caller. */
export function takeEventBodies(scope: FastifyInstance, { eventBytesMax, batchBytesMax }: Limits): void {
  const asBytes = (type: string, bodyLimit: number) =>
    scope.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body))
  scope.removeAllContentTypeParsers()
  asBytes(EVENT_TYPE, eventBytesMax)
  asBytes(JSON_TYPE, eventBytesMax)
  asBytes(BATCH_TYPE, batchBytesMax)
  scope.addHook('onRequest', (request, _reply, done) => done(foreignEncoding(request)))
}

/** What the body says. Throws a Refusal for a batch that cannot be read at all, or is none of the modes. */
export function readBody(request: FastifyRequest, limits: Limits): EventsBody {
  const body = Buffer.isBuffer(request.body) ? request.body : undefined
  const type = mediaType(request)
  if (type === BATCH_TYPE) return { kind: 'batch', read: readBatch(body ?? NOTHING, limits) }
  if (type === NDJSON_TYPE) return { kind: 'lines', read: readAllLines(body ?? NOTHING, limits) }
  if (type !== EVENT_TYPE && isBinaryMode(request.headers))
    return { kind: 'single', read: readBinary(request.raw.headersDistinct, body) }
  if (type === undefined) throw new Refusal('unsupported_media_type', `no content type; ${TYPES_TAKEN}`)
  return { kind: 'single', read: readJson(body ?? NOTHING) }
}

const NOTHING = Buffer.alloc(0)
const TYPES_TAKEN = `send one of ${[EVENT_TYPE, BATCH_TYPE, NDJSON_TYPE, JSON_TYPE].join(', ')}`

function readBatch(body: Buffer, { batchEventsMax }: Limits): Read {
  const read = readArray(body)
  if ('unreadable' in read) throw new Refusal('batch_unreadable', `the body ${read.unreadable}`)
  if (read.values.length > batchEventsMax) throw tooMany(read.values.length, batchEventsMax)
  return read
}

function readAllLines(body: Buffer, limits: Limits): Read {
  const groups = groupsOfLines(body, { ...limits, groupEventsMax: Number.POSITIVE_INFINITY })
  const read = groups[0] ?? { values: [], flaws: new Map() }
  if (read.values.length > limits.batchEventsMax) throw tooMany(read.values.length, limits.batchEventsMax)
  return read
}

const tooMany = (count: number, countMax: number) =>
  new Refusal('batch_too_large', `${count} events; at most ${countMax} are taken at once`)

function foreignEncoding({ headers }: FastifyRequest): Refusal | undefined {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    return new Refusal('unsupported_encoding', `content-encoding ${encoding}`)
  const charset = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1]
  if (charset !== undefined && !/^(utf-8|us-ascii)$/i.test(charset))
    return new Refusal('unsupported_media_type', `charset ${charset}; events are UTF-8`)
  return undefined
}

function mediaType(request: FastifyRequest): string | undefined {
  return request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
}
