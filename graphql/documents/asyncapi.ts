// The AsyncAPI 3 document: the events themselves, one message per canonical event.
import { type EventType, eventTypeEntry, eventTypeNames } from '../../machines/event-types.ts'
import { EVENT_TYPE } from '../http/event-bodies.ts'
import { eventEnvelope } from './envelope.ts'
import { dataSchema, inputSchema, newestVersion } from './event-schemas.ts'

export const asyncApiDocument = (version: string) => ({
  asyncapi: '3.0.0',
  info: { title: 'Ordertwin', version, description: 'Canonical events of an order network.' },
  defaultContentType: EVENT_TYPE,
  channels: {
    events: {
      address: '/v1/events',
      messages: Object.fromEntries(eventTypeNames.map(type => [type, { $ref: `#/components/messages/${type}` }])),
    },
  },
  operations: {
    submitEvents: {
      action: 'receive',
      channel: { $ref: '#/channels/events' },
      bindings: { http: { method: 'POST', bindingVersion: '0.3.0' } },
    },
  },
  components: {
    messages: Object.fromEntries(eventTypeNames.map(type => [type, message(type)])),
    schemas: { Event: inputSchema(eventEnvelope) },
  },
})

function message(type: EventType) {
  const { entity, owners } = eventTypeEntry(type)
  return {
    name: type,
    summary: `About: ${entity}. Reported by: ${owners.join(' or ')}.`,
    payload: {
      allOf: [
        { $ref: '#/components/schemas/Event' },
        { type: 'object', properties: { type: { const: type }, data: dataSchema(type, newestVersion(type)) } },
      ],
    },
  }
}
