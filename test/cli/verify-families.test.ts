// Verifying with room for few families: nothing that is wrong hides in those that have to wait for another pass.
import { describe, expect, test, vi } from 'vitest'
import { type VerifyFamiliesOptions, verifyFamilies } from '../../cli/verify-families.ts'
import { applied, type JournalEntry } from '../../engine/entry.ts'
import { EVENT_ENTRY, packEntry, unpackEntry, verdictNumber } from '../../engine/entry-codec.ts'
import { emptyFamily, type Family } from '../../engine/family.ts'
import { packFamily, unpackFamily } from '../../engine/family-codec.ts'
import { hash64 } from '../../engine/hash.ts'
import type { EntryFrame, Journal, StoredFrame } from '../../engine/journal/journal.ts'
import { type JournalMemory, openMemoryJournal } from '../../engine/journal/memory-journal.ts'
import { remnantFrame } from '../../engine/retiring/remnant.ts'
import { retirementOf } from '../../engine/retiring/retirement.ts'
import type { FamilyStore } from '../../engine/snapshots/family-store.ts'
import { familyKey } from '../../engine/snapshots/keys.ts'
import type { EventInput } from '../../machines/event.ts'
import { event, readyOrder } from '../helpers/distributor.ts'
import { openMemoryEngine } from '../helpers/memory-engine.ts'
import { closedLife } from '../helpers/retiring-store.ts'

/** In the order of their first entries, which is that of their rows. */
const IDS = ['O-1', 'O-2', 'O-3', 'O-4', 'A-1']

interface World {
  readonly memory: JournalMemory
  readonly store: FamilyStore
  readonly frames: readonly StoredFrame[]
  readonly entries: readonly JournalEntry[]
}

/** Four orders up to their end and one that is open, their events mixed; the first order has the first word and the last. */
function mixed(): readonly (readonly EventInput[])[] {
  const lives = [1, 2, 3, 4].map(closedLife)
  const steps = (lives[0] ?? []).map((_, step) => lives.map(life => life[step] as EventInput))
  const last = event('erp', 'credit.held', 'order/O-1', '07:00')
  return [
    [...steps.slice(0, 3).flat(), ...readyOrder('A-1')],
    [...steps.slice(3).flat(), last],
  ]
}

/** What was submitted one batch after the other. */
async function world(batches = mixed()): Promise<World> {
  const { engine, memory, store } = await openMemoryEngine()
  for (const batch of batches) await engine.submit(batch)
  await engine.close()
  const frames: StoredFrame[] = []
  for await (const batch of openMemoryJournal({ memory }).scan(0)) frames.push(...batch)
  return { memory, store, frames, entries: frames.filter(({ kind }) => kind === EVENT_ENTRY).map(unpackEntry) }
}

/** Its journal, with what `change` makes of each entry, and `more` behind. */
async function changed(
  { frames, memory }: World,
  change: (entry: JournalEntry, frame: StoredFrame) => JournalEntry | EntryFrame,
  more: readonly JournalEntry[] = [],
): Promise<Journal> {
  const journal = openMemoryJournal({ memory: { ...memory, commits: [] } })
  const frameOf = (entry: JournalEntry): EntryFrame => ({
    family: hash64(entry.family, memory.hashKey),
    eventId: { high: 0, low: 0 },
    previous: entry.previous,
    kind: EVENT_ENTRY,
    verdict: verdictNumber(entry.verdict),
    body: packEntry(entry),
  })
  const after = frames.map(frame => (frame.kind === EVENT_ENTRY ? change(unpackEntry(frame), frame) : frame))
  // Several commits: a pass may begin within the journal.
  for (const each of [...after, ...more])
    await journal.append(frames[0]?.recordedMs ?? 0, ['event' in each ? frameOf(each) : each])
  return journal
}

/** Changes the snapshot of one family for a verification, and puts it back. */
async function withSnapshot(
  { memory, store }: World,
  id: string,
  change: (family: Family) => Family,
  options: VerifyFamiliesOptions,
) {
  const key = familyKey(IDS.indexOf(id))
  const [before] = await store.readMany([key])
  if (before === undefined) throw new Error(`${id} has no snapshot`)
  const family = change(unpackFamily(before.bytes) as Family)
  await store.write([{ key, head: family.head, earlier: before.earlier, bytes: packFamily(family) }])
  const found = await verifyFamilies(openMemoryJournal({ memory }), { ...options, store })
  await store.write([{ key, ...before }])
  return found
}

/** A family, and the entry that would retire it. */
function retired(known: World, id: string) {
  const entries = known.entries.filter(({ family }) => family === id)
  const family = entries.reduce(applied, emptyFamily(id))
  const policy = { closedForDays: 0, by: 'records', nowMs: entries[0]?.recordedMs ?? 0 }
  return { entries, family, retirement: retirementOf({ family, entries, keys: [] }, policy) }
}

/** With how often the journal is read: for which entries are the last of their families, and then once for each group of these. */
const ROOMS = [
  [1, 6],
  [2, 4],
  [3, 3],
  [100, 2],
] as const

describe.each(ROOMS)('with room for %i', (liveFamiliesMax, scans) => {
  test('[E6] what is whole is found whole, and each entry is told once, oldest first', async () => {
    const { entries, memory, store } = await world()
    const told: number[] = []
    const onEntry = ({ position }: JournalEntry) => void told.push(position)
    const journal = openMemoryJournal({ memory })
    const scan = vi.spyOn(journal, 'scan')
    expect(await verifyFamilies(journal, { store, liveFamiliesMax, onEntry })).toEqual({
      families: 5,
      retired: { orders: 0, entries: 0 },
      keys: { used: 4, erased: new Set() },
      currentSnapshots: 5,
      wrongSnapshot: undefined,
    })
    expect(told).toEqual(entries.map(({ position }) => position))
    expect(scan).toHaveBeenCalledTimes(scans)
  })

  test('[E9] a snapshot that does not say where its entries are is found, whichever it is', async () => {
    const { memory, store } = await world()
    for (const [row, id] of IDS.entries()) {
      const [before] = await store.readMany([familyKey(row)])
      if (before?.earlier === undefined) throw new Error(`${id} has no snapshot with positions`)
      await store.write([{ ...before, key: familyKey(row), earlier: [0, ...before.earlier] }])
      expect(await verifyFamilies(openMemoryJournal({ memory }), { store, liveFamiliesMax })).toMatchObject({
        wrongSnapshot: `snapshot of ${id} does not say where its entries are`,
      })
      await store.write([{ ...before, key: familyKey(row) }])
    }
  })

  test('[E9] a snapshot that is not what its entries give is found, whichever it is', async () => {
    const known = await world()
    const wrong = (family: Family): Family => ({ ...family, lastPlace: '' })
    for (const id of IDS)
      expect(await withSnapshot(known, id, wrong, { liveFamiliesMax })).toMatchObject({
        currentSnapshots: 4,
        wrongSnapshot: expect.stringMatching(`^snapshot of ${id} is not what its \\d+ entries give$`),
      })
  })

  test('[L3] a snapshot from before the last entry is not counted, one from behind it is wrong', async () => {
    const known = await world()
    for (const id of IDS) {
      const head = known.entries.findLast(({ family }) => family === id)?.position ?? 0
      const at = (head: number) => (family: Family) => ({ ...family, head })
      expect(await withSnapshot(known, id, at(head - 1), { liveFamiliesMax })).toMatchObject({
        currentSnapshots: 4,
        wrongSnapshot: undefined,
      })
      expect(await withSnapshot(known, id, at(head + 1), { liveFamiliesMax })).toMatchObject({
        wrongSnapshot: `snapshot of ${id} is of position ${head + 1}, its last entry is ${head}`,
      })
    }
  })

  test('an entry that does not follow the last of its family is found, whichever it is', async () => {
    const known = await world()
    for (const { family, position, previous } of known.entries)
      for (const says of [0, 1, previous - 1, position - 1].filter(each => each >= 0 && each !== previous)) {
        const journal = await changed(known, each => (each.position === position ? { ...each, previous: says } : each))
        expect(await verifyFamilies(journal, { liveFamiliesMax })).toEqual({
          problem: `position ${position}: family ${family} stood at ${previous}, the entry says ${says}`,
        })
      }
  })

  test('an actor whose version does not follow the one before is found, whichever it is', async () => {
    const known = await world()
    for (const { changes, family, position } of known.entries)
      for (const [index, { key, version }] of changes.entries())
        for (const says of [version - 1, version + 1]) {
          const journal = await changed(known, each =>
            each.position === position
              ? { ...each, changes: changes.with(index, { ...changes[index]!, version: says }) }
              : each,
          )
          expect(await verifyFamilies(journal, { liveFamiliesMax })).toEqual({
            problem: `position ${position}: ${family} ${key} was at version ${version - 1}, the entry makes it ${says}`,
          })
        }
  })

  // Retiring leaves out what is oldest first; verifying does not rely on that.
  test.each([0, 1])(
    '[Z2] of an order whose retirement is half done, from entry %i on, the retirement tells; where there is none, that is found',
    async from => {
      const known = await world()
      for (const id of IDS) {
        const { entries, family, retirement } = retired(known, id)
        const late = { ...retirement, event: entries.at(-1)!.event, previous: known.frames.length + 1 }
        const gone = entries.slice(from, from + 2).map(({ position }) => position)
        const half = (entry: JournalEntry, frame: StoredFrame) =>
          gone.includes(entry.position) ? remnantFrame(frame, entry) : entry
        const found = async (more: readonly JournalEntry[]) =>
          verifyFamilies(await changed(known, half, more), { liveFamiliesMax })
        expect(await found([retirement, late])).toMatchObject({ families: 5, retired: { orders: 1, entries: 2 } })
        expect(await found([])).toEqual({
          problem: `position ${gone[0]}: little is left of it, and nothing says that it was retired`,
        })
        const says = retirement.previous - 1
        expect(await found([{ ...retirement, previous: says }])).toEqual({
          problem: `position ${known.frames.length + 1}: its family stood at ${family.head}, the entry says ${says}`,
        })
      }
    },
  )
})

test('[Z2] what a retirement that is half done has left of an order takes no room for ever', async () => {
  const orders = ['A-1', 'A-2', 'A-3'].map(id => readyOrder(id))
  const step = (order: number, index: number) => [orders[order]?.[index] as EventInput]
  // Of the second order the first entry has to wait, those behind the gap find room; of the third all have to wait.
  const known = await world([
    ...[0, 1, 2].map(order => step(order, 0)),
    ...[1, 2].map(index => step(1, index)),
    ...[1, 2, 3].map(index => step(0, index)),
    step(1, 3),
    ...[1, 2, 3].map(index => step(2, index)),
  ])
  const { entries, retirement } = retired(known, 'A-2')
  const gone = entries.slice(1, 3).map(({ position }) => position)
  const half = (entry: JournalEntry, frame: StoredFrame) =>
    gone.includes(entry.position) ? remnantFrame(frame, entry) : entry
  const journal = await changed(known, half, [retirement])
  expect(await verifyFamilies(journal, { store: known.store, liveFamiliesMax: 1 })).toMatchObject({
    families: 3,
    retired: { orders: 1 },
    currentSnapshots: 2,
    wrongSnapshot: undefined,
  })
})
