// What every journal does, whatever it is made of. Run it on each: journalContract('segments on a disk', makeWorld).
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Journal, JournalDamage } from '../../engine/journal/journal.ts'
import { makeFrame, makeFrames, plain, scanned } from '../helpers/frames.ts'

/** One store and the ways in which its surroundings fail. */
export interface JournalWorld {
  /** Opens the store; one that was opened before must have been closed, crashed, or be on another machine. */
  open(): Promise<Journal>
  /** Opens the store although somebody has it open, as a second machine might. */
  openElsewhere(): Promise<Journal>
  /** The owner dies without closing, and all that was not synced is gone. */
  crash(): Promise<void>
  /** The next commit fails. `sync`: written, but the sync says no. */
  failNextCommit(how: 'write' | 'short write' | 'sync'): void
  dispose(): Promise<void>
}

export function journalContract(name: string, makeWorld: () => Promise<JournalWorld>): void {
  const inWorld = (run: (world: JournalWorld) => Promise<void>) => async () => {
    const world = await makeWorld()
    try {
      await run(world)
    } finally {
      await world.dispose()
    }
  }

  describe(`journal: ${name}`, () => {
    test(
      '[J2] an empty journal has position 0, nothing to scan and nothing to read',
      inWorld(async ({ open }) => {
        const journal = await open()
        expect(journal.head()).toMatchObject({ position: 0, bytes: 0, recordedMs: 0 })
        expect(await scanned(journal.scan(0))).toEqual([])
        await expect(journal.read([1])).rejects.toBeInstanceOf(JournalDamage)
        await journal.close()
      }),
    )

    test(
      '[J2] entries get positions from 1 without gaps, in the order given, and come back as they were',
      inWorld(async ({ open }) => {
        const journal = await open()
        const frames = makeFrames(1, 7)
        expect(await journal.append(1000, frames.slice(0, 3))).toMatchObject({ head: { position: 3 } })
        expect(await journal.append(1001, frames.slice(3))).toMatchObject({ head: { position: 7, recordedMs: 1001 } })
        const stored = await scanned(journal.scan(0))
        expect(stored.map(plain)).toEqual(frames.map(plain))
        expect(stored.map(frame => frame.position)).toEqual([1, 2, 3, 4, 5, 6, 7])
        expect(stored.map(frame => frame.recordedMs)).toEqual([1000, 1000, 1000, 1001, 1001, 1001, 1001])
        await journal.close()
      }),
    )

    test(
      '[J2] read gives entries in the order asked for, also twice, and rejects what is not there',
      inWorld(async ({ open }) => {
        const journal = await open()
        await journal.append(1000, makeFrames(1, 50))
        const read = await journal.read([50, 1, 17, 1])
        expect(read.map(frame => frame.position)).toEqual([50, 1, 17, 1])
        expect(read.map(plain)).toEqual([50, 1, 17, 1].map(number => plain(makeFrame(number))))
        expect(read[0]!.recordedMs).toBe(1000)
        for (const position of [0, 51, -1, 1.5]) {
          await expect(journal.read([position])).rejects.toMatchObject({ code: 'journal_damaged', position })
        }
        await journal.close()
      }),
    )

    test(
      '[J1] [J2] whatever is appended, in whatever portions, is there after a crash: whole, in order, at the same head',
      inWorld(async ({ open, crash }) => {
        const portions = fc.array(fc.array(fc.nat({ max: 3000 }), { minLength: 1, maxLength: 30 }), { maxLength: 12 })
        const expected: ReturnType<typeof plain>[] = []
        const property = fc.asyncProperty(portions, async commits => {
          const journal = await open()
          expect(journal.head().position).toBe(expected.length)
          for (const sizes of commits) {
            const frames = sizes.map((size, index) => makeFrame(expected.length + index + 1, size))
            expect(await journal.append(5000, frames)).toHaveProperty('head')
            expected.push(...frames.map(plain))
          }
          const head = journal.head()
          await crash()
          const reopened = await open()
          expect(reopened.head()).toEqual(head)
          const from = Math.floor(expected.length / 2)
          expect((await scanned(reopened.scan(from))).map(plain)).toEqual(expected.slice(from))
          const places = [0, from, expected.length - 1].filter(place => expected[place] !== undefined)
          const read = await reopened.read(places.map(place => place + 1))
          expect(read.map(plain)).toEqual(places.map(place => expected[place]))
          await reopened.close()
        })
        await fc.assert(property, { numRuns: 25 })
      }),
    )

    test(
      '[J1] a commit larger than a block is one commit still',
      inWorld(async ({ open, crash }) => {
        const journal = await open()
        const frames = makeFrames(1, 5, 600_000)
        expect(await journal.append(1, frames)).toMatchObject({ head: { position: 5 } })
        await crash()
        const reopened = await open()
        const bodies = (await scanned(reopened.scan(0))).map(frame => Buffer.from(frame.body))
        expect(bodies.every((body, index) => body.equals(frames[index]!.body))).toBe(true)
        await reopened.close()
      }),
    )

    test(
      '[J2] scan sees what was appended while it ran, up to the head as each batch is read',
      inWorld(async ({ open }) => {
        const journal = await open()
        await journal.append(1, makeFrames(1, 3))
        const positions: number[] = []
        for await (const batch of journal.scan(0)) {
          positions.push(...batch.map(frame => frame.position))
          if (positions.length === 3) await journal.append(2, makeFrames(4, 2))
        }
        expect(positions).toEqual([1, 2, 3, 4, 5])
        await journal.close()
      }),
    )

    for (const how of ['write', 'short write', 'sync'] as const) {
      test(
        `[J3] [E5] after a failed ${how} every append fails, reads go on, and nothing of it is seen before it opens again`,
        inWorld(async ({ open, crash, failNextCommit }) => {
          const journal = await open()
          await journal.append(1, makeFrames(1, 3))
          const head = journal.head()
          failNextCommit(how)
          expect(await journal.append(2, makeFrames(4, 3))).toMatchObject({ failure: { code: 'poisoned' } })
          expect(await journal.append(3, makeFrames(4, 3))).toMatchObject({ failure: { code: 'poisoned' } })
          expect(journal.failure()).toMatchObject({ code: 'poisoned' })
          expect(journal.head()).toEqual(head)
          expect((await scanned(journal.scan(0))).length).toBe(3)
          expect((await journal.read([3])).map(plain)).toEqual([plain(makeFrame(3))])
          await expect(journal.read([4])).rejects.toBeInstanceOf(JournalDamage)
          await crash()
          const reopened = await open()
          expect(reopened.head()).toEqual(head)
          expect(await reopened.append(4, makeFrames(4, 1))).toMatchObject({ head: { position: 4 } })
          expect((await scanned(reopened.scan(0))).map(plain)).toEqual(makeFrames(1, 4).map(plain))
          await reopened.close()
        }),
      )
    }

    test(
      '[J4] [E10] when somebody else opens the store, the former owner is fenced and stays so',
      inWorld(async ({ open, openElsewhere }) => {
        const former = await open()
        await former.append(1, makeFrames(1, 2))
        const owner = await openElsewhere()
        expect(owner.epoch).toBeGreaterThan(former.epoch)
        expect(await former.append(2, makeFrames(50, 1))).toEqual({ failure: { code: 'fenced' } })
        expect(former.head().position).toBe(2)
        expect(await owner.append(2, makeFrames(3, 2))).toMatchObject({ head: { position: 4 } })
        expect(await former.append(3, makeFrames(51, 1))).toEqual({ failure: { code: 'fenced' } })
        expect((await scanned(owner.scan(0))).map(plain)).toEqual(makeFrames(1, 4).map(plain))
        await former.close()
        await owner.close()
      }),
    )

    test(
      '[E10] every opening has a higher epoch; store id and hash key stay',
      inWorld(async ({ open }) => {
        const first = await open()
        await first.close()
        const second = await open()
        expect(second.epoch).toBeGreaterThan(first.epoch)
        expect(second.storeId).toBe(first.storeId)
        expect(second.hashKey).toEqual(first.hashKey)
        await second.close()
      }),
    )

    test(
      '[J4] a closed journal refuses to append',
      inWorld(async ({ open }) => {
        const journal = await open()
        await journal.close()
        expect(await journal.append(1, makeFrames(1, 1))).toEqual({ failure: { code: 'closed' } })
      }),
    )

    test(
      '[E4] time stamped backwards and a second append at once are bugs of the caller, and say so',
      inWorld(async ({ open }) => {
        const journal = await open()
        await journal.append(1000, makeFrames(1, 1))
        await expect(journal.append(999, makeFrames(2, 1))).rejects.toThrow('backwards')
        const running = journal.append(1000, makeFrames(2, 1))
        await expect(journal.append(1000, makeFrames(3, 1))).rejects.toThrow('one append at a time')
        expect(await running).toMatchObject({ head: { position: 2 } })
        await journal.close()
      }),
    )
  })
}
