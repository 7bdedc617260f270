// Bodies of real entries: coded, and read whether they are or not.
import { expect, test } from 'vitest'
import type { JournalEntry } from '../../../engine/entry.ts'
import { EVENT_ENTRY, packEntry, packPlain, plainBody, unpackEntry } from '../../../engine/entry-codec.ts'
import type { StoredFrame } from '../../../engine/journal/journal.ts'
import { openMemoryJournal } from '../../../engine/journal/memory-journal.ts'
import { isCoded } from '../../../engine/packing/prefix-code.ts'
import { openMemoryEngine } from '../../helpers/memory-engine.ts'
import { closedLife } from '../../helpers/retiring-store.ts'

async function framesOfLives(): Promise<readonly StoredFrame[]> {
  const { engine, memory } = await openMemoryEngine()
  for (const number of [1, 2, 3]) await engine.submit(closedLife(number))
  await engine.close()
  const frames: StoredFrame[] = []
  for await (const some of openMemoryJournal({ memory }).scan(0)) frames.push(...some)
  return frames.filter(({ kind }) => kind === EVENT_ENTRY)
}

const sum = (numbers: readonly number[]): number => numbers.reduce((before, number) => before + number, 0)

test('[E6] entries of an order are coded, a fifth shorter at least, and are the same again', async () => {
  const frames = await framesOfLives()
  expect(frames.length).toBeGreaterThan(20)
  expect(frames.filter(({ body }) => !isCoded(body, 4))).toEqual([])
  const plain = frames.map(frame => packPlain(unpackEntry(frame)).slice())
  expect(sum(frames.map(({ body }) => body.length))).toBeLessThan(0.8 * sum(plain.map(({ length }) => length)))
  for (const [index, frame] of frames.entries()) {
    expect([...plainBody(frame.body)]).toEqual([...(plain[index] as Uint8Array)])
    expect([...packEntry(unpackEntry(frame))]).toEqual([...frame.body])
  }
})

test('[E6] a body that is not coded is read as well, one of another format is refused', async () => {
  const [frame] = (await framesOfLives()) as [StoredFrame]
  const entry: JournalEntry = unpackEntry(frame)
  const body = packPlain(entry).slice()
  expect(unpackEntry({ ...frame, body })).toEqual(entry)
  for (const format of [0, 2, 5, 0x13, 0xf3]) {
    const other = Uint8Array.from([format, ...body.subarray(1)])
    expect(() => unpackEntry({ ...frame, body: other })).toThrow(`format ${format} is not known`)
  }
})
