// An event is parsed once: with its values sealed afterwards it is what reading it again would give, for every type and version.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emptyFamily } from '../../../engine/family.ts'
import type { Said } from '../../../engine/said.ts'
import { keptAlone, keptByOrder, type Seals } from '../../../engine/sealing/seals.ts'
import { tokenText } from '../../../engine/sealing/token.ts'
import { type EventInput, keptEvent, parseEvent } from '../../../machines/event.ts'
import { type EventType, eventTypeEntry, eventTypeNames } from '../../../machines/event-types.ts'
import type { Source } from '../../../machines/sources.ts'
import { at, event, SOURCES } from '../../helpers/distributor.ts'
import { fullData } from '../../helpers/full-data.ts'

const shop = SOURCES.find(({ id }) => id === 'shop') as Source
const box = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const SEALS: Seals = {
  orderKey: () => 7,
  eventKey: () => 8,
  seal: (owner, key, value) => tokenText({ owner, key, box: box(value) }),
  open: token => ({ value: JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) }),
}

const cases = eventTypeNames.flatMap(type =>
  eventTypeEntry(type).versions.map((_, index) => [type, index + 1] as const),
)

/** Members turned round, some left out, some added that no schema knows: what partners do. */
function altered(value: unknown, next: () => number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return [...value, ...value].slice(next() % 2).map(each => altered(each, next))
  const members = Object.entries(value).map(([name, member]) => [name, altered(member, next)] as const)
  const kept = members.filter(() => next() % 5 > 0)
  const turned = next() % 2 === 0 ? kept : kept.toReversed()
  return Object.fromEntries(next() % 4 === 0 ? [...turned, ['unheard', { of: 'it' }]] : turned)
}

function saidOf(type: EventType, version: number, change: (data: unknown) => unknown): Said | undefined {
  let texts = 0
  const data = change(fullData(type, () => ` text ${texts++} `, version))
  const input: EventInput = event('shop', type, 'order/O-1', '00:10', data as object, { dataschema: version })
  const parsed = parseEvent(input, shop, Date.parse(at('01:00')))
  return 'flaws' in parsed ? undefined : { event: parsed.event, input, source: shop }
}

function expectReadAgain(said: Said): void {
  const { event: told, input } = said
  const again = keptEvent(input, shop)
  if ('flaws' in again) throw new Error(`${input.type} cannot be read: ${JSON.stringify(again.flaws)}`)
  expect(told).toStrictEqual(again.event)
  // Digests of documents count the order of members.
  expect(JSON.stringify(told)).toBe(JSON.stringify(again.event))
}

describe('[E12] an event with its personal values sealed is as it reads from the journal', () => {
  test.each(cases)('%s, version %i', (type, version) => {
    const said = saidOf(type, version, data => data) as Said
    expect(said).toBeDefined()
    const waiting = keptAlone(said, emptyFamily('O-1'), SEALS).said
    expectReadAgain(waiting)
    expectReadAgain(keptByOrder(said, emptyFamily('O-1'), SEALS).said)
    expectReadAgain(keptByOrder(waiting, emptyFamily('O-1'), SEALS).said)
  })

  test('whatever is left out, turned round or added', () => {
    let read = 0
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.infiniteStream(fc.nat()), ([type, version], stream) => {
        const said = saidOf(type, version, data => altered(data, () => stream.next().value))
        if (said === undefined) return
        read++
        expectReadAgain(keptByOrder(said, emptyFamily('O-1'), SEALS).said)
      }),
      { numRuns: 1_000 },
    )
    expect(read).toBeGreaterThan(100)
  })
})
