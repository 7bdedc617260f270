// Single orders' events as JSON text, for tests of peers: a whole life, and what somebody else may say in between.
import { FIRST_MS } from '../../bench/load/load.ts'
import { orderLife } from '../../bench/load/order-life.ts'
import type { SourceId } from '../../bench/load/sources.ts'
import { seededRandom } from '../../connectors/simulated/random.ts'
import type { EventType } from '../../machines/event-types.ts'

export interface Text {
  readonly type: EventType
  readonly source: string
  readonly subject: string
  readonly data: object
  readonly text: string
}

/** All that is told of one order, legal and in order. */
export function life(number: number): readonly Text[] {
  return orderLife({ number, random: seededRandom(number), illegalShare: 0, channel: 'webshop' }).map((told, index) =>
    written({ ...told, id: `${number}-${index}`, timeMs: FIRST_MS + index * 60_000 }),
  )
}

/** What is told of it before its first event of the type. */
export const lifeBefore = (number: number, type: EventType): readonly Text[] => {
  const all = life(number)
  return all.slice(
    0,
    all.findIndex(each => each.type === type),
  )
}

/** The first event of the type. */
export function toldOf(number: number, type: EventType): Text {
  const found = life(number).find(each => each.type === type)
  if (found === undefined) throw new Error(`no ${type} is told of order ${number}`)
  return found
}

/** Another event like `text`, said by `source` or with other data. */
export const otherwise = (
  { data, source, subject, type }: Text,
  other: { readonly source?: SourceId; readonly type?: EventType; readonly data?: object },
): Text =>
  written({ data, source, subject, type, ...other, id: `other-${type}-${source}`, timeMs: FIRST_MS + 3_600_000 })

function written(
  said: Omit<Text, 'text'> & { readonly id: string; readonly timeMs: number; readonly dataschema?: number },
): Text {
  const { data, dataschema, id, source, subject, timeMs, type } = said
  const time = new Date(timeMs).toISOString()
  const text = JSON.stringify({ specversion: '1.0', id, source, type, subject, time, dataschema, data })
  return { type, source, subject, data, text }
}
