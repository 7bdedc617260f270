// What every family store does, whatever it is made of.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FamilyRow, FamilyStore } from '../../engine/snapshots/family-store.ts'

export interface FamilyStoreWorld {
  /** Opens the store; one opened before must have been closed. `storeId` other than the usual: as another store would. */
  open(storeId?: string): Promise<FamilyStore>
  /** Changes what is stored under `key` (the store must be closed). */
  damage(key: string, change: (record: Uint8Array) => Uint8Array): Promise<void>
  /** Puts under `to` what is stored under `from` (the store must be closed). */
  misplace(from: string, to: string): Promise<void>
  failNextWrite(store: FamilyStore): void
  dispose(): Promise<void>
}

const row = (key: string, head: number, ...bytes: number[]): FamilyRow => ({
  key,
  head,
  earlier: [],
  bytes: Uint8Array.from(bytes),
})
const given = ({ head, earlier, bytes }: FamilyRow) => ({ head, earlier, bytes: Uint8Array.from(bytes) })

export function familyStoreContract(name: string, makeWorld: () => Promise<FamilyStoreWorld>): void {
  const inWorld = (run: (world: FamilyStoreWorld) => Promise<void>) => async () => {
    const world = await makeWorld()
    try {
      await run(world)
    } finally {
      await world.dispose()
    }
  }

  describe(`family store: ${name}`, () => {
    test(
      '[R1] gives back the newest row of each key in the order asked for, and nothing for the others',
      inWorld(async ({ open }) => {
        const store = await open()
        expect(await store.write([row('a', 1, 10), row('b', 2), row('a', 3, 11, 12)])).toBe(true)
        const found = await store.readMany(['b', 'none', 'a', 'b'])
        expect(found.map(family => family && given({ key: '', ...family }))).toEqual([
          { head: 2, earlier: [], bytes: new Uint8Array() },
          undefined,
          { head: 3, earlier: [], bytes: Uint8Array.of(11, 12) },
          { head: 2, earlier: [], bytes: new Uint8Array() },
        ])
        expect(await store.readMany([])).toEqual([])
        expect(store.unreadable()).toBe(0)
        await store.close()
      }),
    )

    test(
      '[R1] rows of any content are there when the store is opened again',
      inWorld(async ({ open }) => {
        const key = fc.stringMatching(/^[a-z]{1,3}$/)
        const head = fc.integer({ min: 1, max: 2 ** 48 - 1 })
        const positions = fc.uniqueArray(head, { minLength: 1, maxLength: 30 })
        const bytes = fc.uint8Array({ maxLength: 300 })
        const written = fc
          .record({ key, positions, isKnown: fc.boolean(), bytes })
          .map(({ isKnown, positions, ...rest }) => {
            const [head = 1, ...earlier] = positions.toSorted((a, b) => b - a)
            return { ...rest, head, earlier: isKnown ? earlier.reverse() : undefined }
          })
        const rows = fc.array(written, { maxLength: 20 })
        const expected = new Map<string, FamilyRow>()
        const property = fc.asyncProperty(rows, async batch => {
          const store = await open()
          expect(await store.write(batch)).toBe(true)
          for (const written of batch) expected.set(written.key, written)
          await store.close()
          const reopened = await open()
          const found = await reopened.readMany([...expected.keys()])
          expect(found.map(family => given({ key: '', ...family! }))).toEqual([...expected.values()].map(given))
          await reopened.close()
        })
        await fc.assert(property, { numRuns: 15 })
      }),
    )

    test(
      '[R1] a value with any bit changed, or cut short, is not there, and is counted',
      inWorld(async ({ open, damage }) => {
        const store = await open()
        await store.write([row('a', 7, 1, 2, 3, 4), row('b', 8, 5)])
        await store.close()
        const changes: ((record: Uint8Array) => Uint8Array)[] = [
          record => record.subarray(0, 10),
          () => new Uint8Array(),
        ]
        for (let byte = 0; byte < 28; byte++) {
          changes.push(record => record.map((value, index) => (index === byte ? value ^ (1 << (byte % 8)) : value)))
        }
        for (const change of changes) {
          let former: Uint8Array | undefined
          await damage('a', record => {
            former = record.slice()
            return change(record)
          })
          const reopened = await open()
          const [damaged, other] = await reopened.readMany(['a', 'b'])
          expect(damaged).toBeUndefined()
          expect(other?.head).toBe(8)
          expect(reopened.unreadable()).toBe(1)
          await reopened.close()
          await damage('a', () => former!)
        }
      }),
    )

    test(
      '[R1] a row under another key, or of another store, is not there',
      inWorld(async ({ open, misplace }) => {
        const store = await open()
        await store.write([row('a', 7, 1), row('b', 8, 2)])
        await store.close()
        await misplace('a', 'b')
        const reopened = await open()
        expect((await reopened.readMany(['a', 'b'])).map(family => family?.head)).toEqual([7, undefined])
        await reopened.close()
        const foreign = await open('another store')
        expect(await foreign.readMany(['a', 'b'])).toEqual([undefined, undefined])
        expect(foreign.unreadable()).toBe(2)
        await foreign.close()
      }),
    )

    test(
      '[R2] after a failed write it takes no more rows until it is opened again; reads go on',
      inWorld(async world => {
        const store = await world.open()
        await store.write([row('a', 1, 1)])
        world.failNextWrite(store)
        expect(await store.write([row('a', 2, 2)])).toBe(false)
        expect(store.failure()).toBeDefined()
        expect(await store.write([row('c', 3, 3)])).toBe(false)
        expect((await store.readMany(['a', 'c'])).map(family => family?.head)).toEqual([1, undefined])
        await store.close()
        const reopened = await world.open()
        expect(reopened.failure()).toBeUndefined()
        expect(await reopened.write([row('c', 3, 3)])).toBe(true)
        await reopened.close()
      }),
    )
  })
}
