// Records of rows: each is there as it was put last, its room is used again, and a checkpoint has all of them as they were.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Random, seededRandom } from '../../../connectors/simulated/random.ts'
import { RowRecords, type Span } from '../../../engine/exceptions/row-records.ts'
import { writtenOut } from '../../helpers/sections.ts'

const ROWS = 60
const MEGABYTE = 1 << 20

/** Told by its digest: there are megabytes of them. */
const told = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex')

const bytesIn = ({ bytes, from, to }: Span): Uint8Array => bytes.bytes.subarray(from, to)

/** Mostly small, some so large that a few fill a piece, a few larger than one. */
const lengthOf = (random: Random): number =>
  random.chance(0.03) ? MEGABYTE + random.whole(MEGABYTE) : random.whole(random.chance(0.5) ? 60 : 200_000)

/** Records, what they should be by row, and something that changes both. */
function modelled(seed: number) {
  const random = seededRandom(seed)
  const records = new RowRecords()
  const model = new Map<number, { readonly told: string; readonly length: number }>()
  const change = (times: number) => {
    for (let time = 0; time < times; time++) {
      const row = random.whole(ROWS)
      if (random.chance(0.3)) {
        records.delete(row)
        model.delete(row)
        continue
      }
      const part = () => Buffer.alloc(lengthOf(random), random.whole(256))
      const parts = random.chance(0.5) ? [part()] : [part(), part()]
      records.put(row, parts)
      const all = Buffer.concat(parts)
      model.set(row, { told: told(all), length: all.length })
    }
  }
  return { records, model, change }
}

type Model = ReturnType<typeof modelled>['model']

function expectSame(records: RowRecords, model: Model): void {
  const all: string[] = []
  records.each(record => void all.push(told(bytesIn(record))))
  expect(all.sort()).toEqual(Array.from(model.values(), ({ told }) => told).sort())
  for (let row = 0; row < ROWS; row++) {
    const found = records.get(row)
    expect(found && told(bytesIn(found))).toBe(model.get(row)?.told)
  }
  expect(records.size).toBe(model.size)
}

describe('records of rows', () => {
  it.each([1, 2, 3, 4])(
    'are there as they were put last, and take a bounded part more than they need: seed %i',
    seed => {
      const { change, model, records } = modelled(seed)
      const placesBytes = records.bytes
      for (let round = 0; round < 40; round++) {
        change(10)
        expectSame(records, model)
        const needed = [...model.values()].reduce((sum, { length }) => sum + length, 0)
        // As much is gone as is there at most; a fifth of a piece is what the next did not fit into; and there is always one begun.
        expect(records.bytes - placesBytes).toBeLessThanOrEqual(needed * 2 * 1.25 + 2 * MEGABYTE)
      }
    },
  )

  it('of which most are gone leave their room to others, the few that stay go elsewhere', () => {
    const records = new RowRecords()
    for (let row = 0; row < 100; row++) records.put(row, [Buffer.alloc(100_000)])
    expect(records.bytes).toBeGreaterThan(9 * MEGABYTE)
    for (let row = 0; row < 100; row++) if (row % 10 < 6) records.delete(row)
    expect(records.size).toBe(40)
    expect(records.bytes).toBeLessThan(6 * MEGABYTE)
  })

  it('that are put again and again take no more room than once', () => {
    const records = new RowRecords()
    for (let row = 1; row <= 30; row++) {
      records.put(row, [Buffer.from(`stays ${row}`)])
      for (let time = 0; time < 11; time++) records.put(0, [Buffer.alloc(100_000)])
    }
    expect(records.size).toBe(31)
    expect(records.bytes).toBeLessThan(3 * MEGABYTE)
  })

  it('that come after a restart go behind those before it', () => {
    let records = new RowRecords()
    for (let row = 0; row < 20; row++) {
      records.put(row, [Buffer.from(`of run ${row}`)])
      const { known, ...content } = records.saved()
      records = new RowRecords()
      records.load({ places: writtenOut(content.places), records: writtenOut(content.records), known })
    }
    expect(records.size).toBe(20)
    expect(records.bytes).toBeLessThan(2 * MEGABYTE)
  })

  it.each([1, 2, 3, 4])(
    '[E9] are in a checkpoint as they were, whatever changes while it is written: seed %i',
    seed => {
      const { change, model, records } = modelled(seed)
      change(200)
      const then = new Map(model)
      const saved = records.saved()
      const pieces: Uint8Array[] = []
      for (const piece of saved.records as Iterable<Uint8Array>) {
        change(20)
        pieces.push(Uint8Array.from(piece))
      }
      expect(pieces.length).toBeGreaterThan(3)
      const known = JSON.parse(JSON.stringify(saved.known))
      const loaded = new RowRecords()
      loaded.load({ places: writtenOut(saved.places), records: Buffer.concat(pieces), known })
      expectSame(loaded, then)
      expectSame(records, model)
      for (let row = 0; row < ROWS; row++) loaded.put(row, [Buffer.from(`anew ${row}`)])
      expect(loaded.size).toBe(ROWS)
      // What was loaded is gone, and so is its room.
      expect(loaded.bytes).toBeLessThan(3 * MEGABYTE)
    },
  )
})
