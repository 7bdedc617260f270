// Seals: what deciding needs of keys, and an event as it is kept: its personal values sealed under the order's key, or under one
// of its own as long as it is open which order it belongs to. What was decided is decided of the event as it is kept, so that
// judging it again needs no key.
import { type CanonicalEvent, type EventInput, keptEvent } from '../../machines/event.ts'
import { eventTypeEntry, personalFieldsOf } from '../../machines/event-types.ts'
import { isSealed, type PersonalFields, withPersonal, withSealed } from '../../machines/events/personal.ts'
import type { Family } from '../family.ts'
import type { Said } from '../said.ts'
import { ERASED_TEXT, type KeyOwner, tokenOf } from './token.ts'

/** Keys as one batch sees them. */
export interface Seals {
  /** The key of the order a family is; undefined where it was erased. The same within a batch. */
  orderKey(family: Family): number | undefined
  /** A key for this event alone; undefined where `family` was erased. The same within a batch. */
  eventKey(event: Pick<EventInput, 'id' | 'source'>, family: Family): number | undefined
  /** The token of `value`; the marker where the key is gone. */
  seal(owner: KeyOwner, key: number, value: unknown): unknown
  /** What a token stands for; undefined where its key is gone. */
  open(token: string): { readonly value: unknown } | undefined
}

/** An event as an entry keeps it. `key` opens what is sealed in it; undefined where nothing is. */
export interface Kept {
  readonly said: Said
  readonly key?: number
}

/** The event as the order's own entries keep it. */
export const keptByOrder = (said: Said, family: Family, seals: Seals): Kept =>
  kept(said, seals, {
    owner: 'order',
    keyOf: () => seals.orderKey(family),
    mayStay: key => key === family.key || key === seals.orderKey(family),
  })

/** The event as one that waits is kept: whoever it goes to may be erased alone. */
export const keptAlone = (said: Said, family: Family, seals: Seals): Kept =>
  kept(said, seals, { owner: 'event', keyOf: () => seals.eventKey(said.input, family), mayStay: () => true })

interface Keeping {
  readonly owner: KeyOwner
  readonly keyOf: () => number | undefined
  /** Whether what this owner's key seals already may stay so. */
  readonly mayStay: (key: number) => boolean
}

function kept(said: Said, seals: Seals, keeping: Keeping): Kept {
  const fields = personalFieldsOf(said.event.type)
  if (fields === undefined) return { said }
  const { input } = said
  let key: number | undefined
  const data = withPersonal(input.data, fields, value => {
    const token = isSealed(value) ? tokenOf(value) : undefined
    if (value === ERASED_TEXT) return value
    if (token !== undefined && token.owner === keeping.owner && keeping.mayStay(token.key)) {
      key = token.key
      return value
    }
    const clear = token === undefined ? { value } : seals.open(value as string)
    const own = clear === undefined ? undefined : keeping.keyOf()
    if (clear === undefined || own === undefined) return ERASED_TEXT
    const sealed = seals.seal(keeping.owner, own, clear.value)
    if (sealed !== clear.value) key = own
    return sealed
  })
  return { said: data === input.data ? said : saidWith(said, data, fields), key }
}

/** The same event with sealed data in it, as reading that would give it: parsed once, its personal values replaced since. */
function saidWith(said: Said, data: unknown, fields: PersonalFields): Said {
  const { input } = said
  const sealed = { ...input, data }
  if (!mayTake(said.event)) return { ...said, event: readAgain(said, sealed), input: sealed }
  const parsed = withSealed({ parsed: said.event.data, sent: input.data, sealed: data }, fields)
  return { ...said, event: { ...said.event, rawData: data, data: parsed } as CanonicalEvent, input: sealed }
}

/** Parsed data has the members of what was sent, but where an older version was brought to the newest, or it is any event's. */
const mayTake = ({ schemaVersion, type }: CanonicalEvent): boolean =>
  type !== 'correction.reported' && schemaVersion === eventTypeEntry(type).versions.length

function readAgain({ source }: Said, sealed: EventInput): CanonicalEvent {
  const parsed = keptEvent(sealed, source)
  if ('flaws' in parsed) throw new Error(`seals: ${sealed.type} ${sealed.id} cannot be read once it is sealed`)
  return parsed.event
}

/**
 * The data of an event that was sent again, sealed as that of the entry that keeps it, so that both can be compared without
 * opening any; and the entry's own. Where the key is gone, personal values are taken as equal: nobody can tell any more.
 */
export function comparable(kept: EventInput, said: Said, seals: Seals): readonly [unknown, unknown] {
  const fields = personalFieldsOf(said.event.type)
  if (fields === undefined) return [kept.data, said.input.data]
  let token: ReturnType<typeof tokenOf>
  let isGone = false
  withPersonal(kept.data, fields, value => {
    if (!isSealed(value)) return value
    token ??= tokenOf(value)
    isGone ||= seals.open(value) === undefined
    return value
  })
  if (isGone) return [withoutPersonal(kept.data, fields), withoutPersonal(said.input.data, fields)]
  if (token === undefined) return [kept.data, said.input.data]
  const { key, owner } = token
  return [
    kept.data,
    withPersonal(said.input.data, fields, value => (isSealed(value) ? value : seals.seal(owner, key, value))),
  ]
}

const withoutPersonal = (data: unknown, fields: PersonalFields): unknown =>
  withPersonal(data, fields, () => ERASED_TEXT)
