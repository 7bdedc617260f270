// OCEL 2.0 export: what the twin recorded, in the format that process-mining tools read. Objects are orders, shipments, returns,
// and the sources that reported; each event names those it was judged for. Only facts are events; refusals have a type of their own.
import type { JournalEntry } from '../engine/entry.ts'
import { type ActorKey, kindOf, placeMs } from '../machines/ids.ts'
import { isoTime } from '../machines/time.ts'

interface OcelAttribute {
  readonly name: string
  readonly type: 'string' | 'integer' | 'time'
}

export interface OcelExport {
  readonly objectTypes: readonly { readonly name: string; readonly attributes: readonly OcelAttribute[] }[]
  readonly eventTypes: readonly { readonly name: string; readonly attributes: readonly OcelAttribute[] }[]
  readonly objects: readonly {
    readonly id: string
    readonly type: string
    readonly attributes: readonly { readonly name: string; readonly time: string; readonly value: string }[]
    readonly relationships: readonly { readonly objectId: string; readonly qualifier: string }[]
  }[]
  readonly events: readonly {
    readonly id: string
    readonly type: string
    readonly time: string
    readonly attributes: readonly { readonly name: string; readonly value: string | number }[]
    readonly relationships: readonly { readonly objectId: string; readonly qualifier: string }[]
  }[]
}

const EVENT_ATTRIBUTES: readonly OcelAttribute[] = [
  { name: 'verdict', type: 'string' },
  { name: 'position', type: 'integer' },
  { name: 'recorded', type: 'time' },
]

interface ObjectDraft {
  readonly type: string
  readonly attributes: { name: string; time: string; value: string }[]
  readonly relationships: Map<string, string>
}

/** Pure. `entries` oldest first; the same event judged in several families is one event here. */
export function ocelOf(entries: Iterable<JournalEntry>): OcelExport {
  const objects = new Map<string, ObjectDraft>()
  const events = new Map<
    string,
    OcelExport['events'][number] & { relationships: { objectId: string; qualifier: string }[] }
  >()
  const objectOf = (id: string, type: string): ObjectDraft => {
    const known = objects.get(id) ?? { type, attributes: [], relationships: new Map<string, string>() }
    objects.set(id, known)
    return known
  }
  for (const entry of entries) {
    const { changes, event, family, place, position, recordedMs, verdict } = entry
    const time = isoTime(placeMs(place))
    const source = `source/${event.source}`
    objectOf(source, 'source')
    const order = `order/${family}`
    objectOf(order, 'order')
    const id = `${event.source}/${event.id}`
    const said = events.get(id) ?? {
      id,
      type: verdict === 'accepted' || verdict === 'superseded' ? event.type : `${event.type} (${verdict})`,
      time,
      attributes: [
        { name: 'verdict', value: verdict },
        { name: 'position', value: position },
        { name: 'recorded', value: isoTime(recordedMs) },
      ],
      relationships: [{ objectId: source, qualifier: 'reported by' }],
    }
    events.set(id, said)
    const relate = (objectId: string, qualifier: string) => {
      if (!said.relationships.some(each => each.objectId === objectId)) said.relationships.push({ objectId, qualifier })
    }
    relate(order, 'order')
    for (const key of new Set([...entry.actors, ...changes.map(change => change.key)])) {
      const object = objectId(family, key)
      const draft = objectOf(object, kindOf(key))
      if (object !== order) draft.relationships.set(order, 'belongs to')
      relate(object, kindOf(key))
    }
    for (const { key, state } of changes)
      objectOf(objectId(family, key), kindOf(key)).attributes.push({ name: 'state', time, value: state })
  }
  return {
    objectTypes: ['order', 'shipment', 'return', 'source'].map(name => ({
      name,
      attributes: name === 'source' ? [] : [{ name: 'state', type: 'string' as const }],
    })),
    eventTypes: [...new Set([...events.values()].map(event => event.type))].sort().map(name => ({
      name,
      attributes: EVENT_ATTRIBUTES,
    })),
    objects: [...objects].map(([id, { attributes, relationships, type }]) => ({
      id,
      type,
      attributes,
      relationships: [...relationships].map(([objectId, qualifier]) => ({ objectId, qualifier })),
    })),
    events: [...events.values()],
  }
}

const objectId = (family: string, key: ActorKey): string => (key === 'order' ? `order/${family}` : `${family}/${key}`)
