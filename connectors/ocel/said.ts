// Said: one event as a simulated system would have sent it, with the log events it explains.
import type { EventInput } from '../../machines/event.ts'
import type { EventType } from '../../machines/event-types.ts'
import { isoTime } from '../../machines/time.ts'

export interface Said {
  readonly event: EventInput
  /** Ids of the log events this event stands for, at least one; the first is also its `causationid`. */
  readonly explains: readonly [string, ...string[]]
}

export interface Saying {
  readonly type: EventType
  readonly source: string
  readonly subject: string
  readonly timeMs: number
  readonly explains: readonly [string, ...string[]]
  /** What tells this event from others of its type with the same first log event, such as an order of a package. */
  readonly of?: string
  readonly data?: Readonly<Record<string, unknown>>
}

/** The event a system sends. Its id follows from the log alone, so a second replay sends the same ids. */
export function say({ type, source, subject, timeMs, explains, of, data }: Saying): Said {
  const id = [explains[0], type, ...(of === undefined ? [] : [of])].join(':')
  const event = { id, source, type, subject, time: isoTime(timeMs), data: data ?? {}, causationid: explains[0] }
  return { event, explains }
}
