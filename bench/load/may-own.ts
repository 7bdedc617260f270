// Whether a source's role owns an event at all: the coarse half of ownership, judged apart from the engine.
import { eventTypeEntry, isEventType } from '../../machines/event-types.ts'
import { rolesOf } from '../../machines/owners.ts'
import { SOURCES } from './sources.ts'

const roles = new Map<string, (typeof SOURCES)[number]['role']>(SOURCES.map(({ id, role }) => [id, role]))

export function mayOwn(source: string, type: string): boolean {
  const role = roles.get(source)
  if (role === undefined || !isEventType(type)) return false
  return eventTypeEntry(type).owners.some(owner => rolesOf(owner).includes(role))
}
