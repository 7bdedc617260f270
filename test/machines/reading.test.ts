import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { type Random, seededRandom } from '../../connectors/simulated/random.ts'
import { isSame } from '../../engine/packing/same.ts'
import { eventTypeEntry, eventTypeNames, schemaOf } from '../../machines/event-types.ts'
import { UNREAD } from '../../machines/events/reading.ts'
import { dataFlaw } from '../../machines/plain-data.ts'
import { mutatedValue } from '../fuzz/mutate.ts'

const VERSIONS = eventTypeNames.flatMap(type =>
  eventTypeEntry(type).versions.map((_, index) => [type, index + 1] as const),
)
const ZONE = 'Europe/Zurich'
// 150: a second for all of them, and every member of each a hundred times.
const ROUNDS = 150

const TEXTS = ['T-1', 'Zürich', 'a text that is longer', 'constructor', 'x'.repeat(256), '\0o5.AAAA\0', ' ', '']
const FORMS = [
  'USD',
  '12.50',
  '-1',
  '2026-11-21T10:00:00.000Z',
  '2026-11-21T10:00:00+01:00',
  '2026-11-21T10:00',
  '2026-11-21',
]
const NUMBERS = [0, -0, 1, 2.5, 6, 100, 1_000, -7, 1e12]
const UNKNOWN = [1, 'T-1', { a: ['T-1', null] }, { a: ['\0'] }, '\ud800']
const OTHERS = [['T-1', 'T-2'], { EA: 12, BOX: 0.5 }, { a: [null] }, null, true]

interface Parts {
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
  readonly innerType?: z.ZodType
  readonly entries?: Readonly<Record<string, string>>
}

const fine = new WeakMap<z.ZodType, readonly unknown[]>()

/** Values zod takes for a field. */
function fineFor(schema: z.ZodType, { entries = {} }: Parts): readonly unknown[] {
  const known = fine.get(schema)
  if (known !== undefined) return known
  const values = [...TEXTS, ...FORMS, ...NUMBERS, ...OTHERS, ...Object.values(entries)]
  const found = values.filter(value => schema.safeParse(value).success)
  fine.set(schema, found)
  return found
}

/** Data such as senders send: some members, most often in the schema's order, now and then one that no schema knows. */
function dataFor(schema: z.ZodType, random: Random): unknown {
  const parts = schema._zod.def as Parts
  const { element, innerType, shape } = parts
  if (innerType !== undefined) return dataFor(innerType, random)
  if (element !== undefined) return Array.from({ length: 1 + random.whole(3) }, () => dataFor(element, random))
  if (shape === undefined) {
    const values = fineFor(schema, parts)
    return values[random.whole(values.length)]
  }
  const members = Object.entries(shape)
    .filter(([, member]) => member._zod.optin === undefined || random.chance(0.5))
    .map(([name, member]): [string, unknown] => [name, dataFor(member, random)])
  if (random.chance(0.1)) members.reverse()
  if (random.chance(0.1)) members.push(['unknown', UNKNOWN[random.whole(UNKNOWN.length)]])
  if (random.chance(0.05)) members.push(['remark', undefined])
  return Object.fromEntries(members)
}

describe('reading usual data without zod', () => {
  it.each(VERSIONS)(
    '[O-malformed] %s, version %i: what zod takes, as zod gives it, and nothing else',
    (type, version) => {
      const { read, readKept, schema } = schemaOf(type, version, ZONE) as NonNullable<ReturnType<typeof schemaOf>>
      const random = seededRandom(version * 1_000 + type.length)
      let taken = 0
      for (let round = 0; round < ROUNDS; round++) {
        const usual = dataFor(schema, random)
        for (const data of [usual, mutatedValue(usual, random)]) {
          const parsed = schema.safeParse(data)
          const value = read(data)
          const kept = readKept(data)
          const expected = parsed.success ? parsed.data : UNREAD
          const isRead = isSame(value, dataFlaw(data) === undefined ? expected : UNREAD)
          // What is not read either way zod judges.
          const mayLeave = dataFlaw(data, 16) !== undefined
          expect(isRead || (mayLeave && value === UNREAD), `${JSON.stringify(data)} is read as ${said(value)}`).toBe(
            true,
          )
          const isKeptRead = isSame(kept, expected) || (mayLeave && kept === UNREAD)
          expect(isKeptRead, `${JSON.stringify(data)}, kept, is read as ${said(kept)}`).toBe(true)
          if (parsed.success) taken++
        }
      }
      expect(taken).toBeGreaterThan(ROUNDS / 2)
    },
  )

  it('[O-malformed] takes a sealed text only where it was kept', () => {
    const schema = schemaOf('order.captured', 1, ZONE)
    const captured = {
      customer: 'C-1',
      currency: 'USD',
      shipTo: { name: '\0o5.AAAA\0' },
      lines: [{ line: '1', item: 'I', quantity: 1 }],
    }
    expect(schema?.read(captured)).toBe(UNREAD)
    expect(schema?.readKept(captured)).toMatchObject({ shipTo: captured.shipTo })
  })

  it('[O-malformed] gives data back that needs no change, and a copy of what does', () => {
    const read = schemaOf('shipment.in_transit', 1, ZONE)?.read
    const scanned = { tracking: 'T-1', place: { city: 'Newark' } }
    expect(read?.(scanned)).toBe(scanned)
    const expected = { ...scanned, expectedAt: '2026-11-21' }
    expect(read?.(expected)).toEqual({ ...scanned, expectedAt: Date.parse('2026-11-21T23:59:59.999+01:00') })
    expect(expected.expectedAt).toBe('2026-11-21')
  })

  it('[O-malformed] leaves to zod what is no plain record', () => {
    expect(schemaOf('order.closed', 1, ZONE)?.read(new Date())).toBe(UNREAD)
    expect(schemaOf('order.closed', 1, ZONE)?.read([])).toBe(UNREAD)
  })
})

const said = (value: unknown): string => (value === UNREAD ? 'unread' : JSON.stringify(value))
