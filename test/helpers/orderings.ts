// Orderings: other orders of arrival for the same events, and what must come out the same in all of them (domain §5).

import type { Random } from '../../connectors/simulated/random.ts'
import type { DecideLimits } from '../../engine/decide.ts'
import { digestOf, namesOf } from '../../engine/document-list.ts'
import { canonicalText } from '../../engine/documents.ts'
import { isWaitingFamily } from '../../engine/family.ts'
import type { EventInput } from '../../machines/event.ts'
import { SOURCES } from './distributor.ts'
import { MemoryWorld } from './memory-world.ts'

export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const result = [...items]
  for (let index = result.length - 1; index > 0; index--) {
    const other = random.whole(index + 1)
    const item = result[index] as Item
    result[index] = result[other] as Item
    result[other] = item
  }
  return result
}

/** All orders of a few. */
export const permutationsOf = <Item>(items: readonly Item[]): readonly (readonly Item[])[] =>
  items.length < 2
    ? [items]
    : items.flatMap((item, index) => permutationsOf(items.toSpliced(index, 1)).map(rest => [item, ...rest]))

/** Each event up to `windowMs` late, at random. */
export function delayed(events: readonly EventInput[], windowMs: number, random: Random): EventInput[] {
  const arrivals = events.map(event => ({ event, atMs: Date.parse(event.time) + random.unit() * windowMs }))
  return arrivals.sort((a, b) => a.atMs - b.atMs).map(each => each.event)
}

/** `events` with every fifth (on average) sent a second time, later. */
export function duplicated(events: readonly EventInput[], random: Random): EventInput[] {
  const result = [...events]
  for (const event of events) {
    if (!random.chance(0.2)) continue
    const index = result.indexOf(event)
    result.splice(index + 1 + random.whole(result.length - index), 0, event)
  }
  return result
}

/** The world that hears `events` in this order. */
export function heard(events: readonly EventInput[], once = true, limits: Partial<DecideLimits> = {}): MemoryWorld {
  const world = new MemoryWorld({ sources: SOURCES, once, limits })
  for (const event of events) world.submit(event)
  return world
}

/** What the order of arrival must not change, as lines of text: states, everything remembered, documents, and what waits. */
export function endOf(world: MemoryWorld): readonly string[] {
  return [...world.families.values()]
    .flatMap(family => {
      const waiting = family.parked.map(each => `${family.id} waits: ${each.event.type} ${each.event.id} ${each.code}`)
      if (isWaitingFamily(family.id)) return waiting
      return [
        ...family.actors.all.flatMap(({ context, key, state }) => [
          `${family.id} ${key}: ${state}`,
          ...Object.entries(context)
            .filter(([, value]) => value !== undefined)
            .map(([name, value]) => `${family.id} ${key} ${name} = ${canonicalText(value)}`),
        ]),
        `${family.id} documents = ${canonicalText(
          namesOf(family.documents)
            .map(name => [name, digestOf(family.documents, name)])
            .filter(each => each[1] !== undefined)
            .sort(),
        )}`,
        ...waiting,
      ]
    })
    .sort()
}

/** Lines that only one of two ends has. */
export function difference(expected: readonly string[], actual: readonly string[]): readonly string[] {
  const one = new Set(expected)
  const other = new Set(actual)
  return [
    ...expected.filter(line => !other.has(line)).map(line => `- ${line}`),
    ...actual.filter(line => !one.has(line)).map(line => `+ ${line}`),
  ]
}
