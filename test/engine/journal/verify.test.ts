import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hexOf } from '../../../engine/journal/codec.ts'
import { copyJournal } from '../../../engine/journal/copy.ts'
import { verifyJournal } from '../../../engine/journal/verify.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'
import { appendCommits, DIRECTORY, openSegments, positionsIn, segmentPath, storeWith, upTo } from './segment-store.ts'

const COPY = '/copy'

describe('verifying a journal', () => {
  test('says which store, how far and at which hash, and hears of each segment', async () => {
    const files = await storeWith(60, 200)
    const journal = await openSegments(files)
    const { position, hash } = journal.head()
    await journal.close()
    const heard: number[] = []
    const onSegment = ({ lastPosition }: { lastPosition: number }) => void heard.push(lastPosition)
    const verdict = await verifyJournal(DIRECTORY, { files, onSegment })
    expect(verdict).toMatchObject({
      kind: 'whole',
      storeId: journal.storeId,
      position,
      hash: hexOf(hash),
      badIndexes: [],
    })
    expect(heard.at(-1)).toBe(180)
    expect(verdict).toHaveProperty('segments', heard.length)
  })

  test('a folder without a journal is empty', async () => {
    expect(await verifyJournal(DIRECTORY, { files: new MemoryFiles() })).toEqual({ kind: 'empty' })
  })

  test('[E10] runs beside a serving engine, without its lock and without changing anything', async () => {
    const files = await storeWith(5)
    const journal = await openSegments(files)
    files.calls.clear()
    expect(await verifyJournal(DIRECTORY, { files })).toMatchObject({ kind: 'whole', position: 15 })
    expect(files.calls.has('write') || files.calls.has('sync') || files.calls.has('rename')).toBe(false)
    await appendCommits(journal, 1)
    expect(await verifyJournal(DIRECTORY, { files })).toMatchObject({ kind: 'whole', position: 18 })
    await journal.close()
  })

  test('[E10] beside an owner that appends all the time it is not mistaken for damaged', async () => {
    const files = await storeWith(5)
    const journal = await openSegments(files)
    let going = true
    const appending = (async () => {
      while (going) await appendCommits(journal, 1, 400)
    })()
    let last = 15
    for (let round = 0; round < 8; round++) {
      const verdict = await verifyJournal(DIRECTORY, { files })
      expect(verdict.kind).toBe('whole')
      const position = verdict.kind === 'whole' ? verdict.position : 0
      expect(position).toBeGreaterThanOrEqual(last)
      last = position
    }
    going = false
    await appending
    await journal.close()
    expect(last).toBeGreaterThan(15)
  })

  test('[E12] finds any bit changed in any entry or header, and names the first bad block', async () => {
    const files = await storeWith(30, 200)
    const whole = await verifyJournal(DIRECTORY, { files })
    const names = upTo(whole.kind === 'whole' ? whole.segments : 0).map(number => segmentPath(number))
    const place = fc.record({ name: fc.constantFrom(...names), at: fc.nat(), bit: fc.nat({ max: 7 }) })
    const property = fc.asyncProperty(place, async ({ name, at, bit }) => {
      const bytes = files.bytesOf(name)
      const index = coveredByte(bytes, at)
      if (index === undefined) return
      bytes[index]! ^= 1 << bit
      const verdict = await verifyJournal(DIRECTORY, { files })
      bytes[index]! ^= 1 << bit
      expect(verdict).toMatchObject({ kind: 'damaged', file: name.slice(DIRECTORY.length + 1) })
    })
    await fc.assert(property, { numRuns: 300 })
    expect(await verifyJournal(DIRECTORY, { files })).toEqual(whole)
  })
})

/** A byte of a header or of an entry: not padding (0xff), which nobody reads, and not the zeros behind the last block. */
function coveredByte(bytes: Uint8Array, wanted: number): number | undefined {
  const index = wanted % bytes.length
  const rest = bytes.subarray(index, index + 40)
  return rest.every(byte => byte === 0) || rest.includes(0xff) ? undefined : index
}

describe('copying a journal', () => {
  test('while it is being written to: the copy ends at the head given, and opens when adopted', async () => {
    const files = await storeWith(60, 200)
    const journal = await openSegments(files)
    await appendCommits(journal, 1)
    const head = journal.head()
    await appendCommits(journal, 40, 200)
    const copy = await copyJournal({ source: DIRECTORY, target: COPY, files, head })
    expect(copy).toMatchObject({ storeId: journal.storeId, position: 183, hash: hexOf(head.hash), copied: 1 })
    expect(copy.linked).toBeGreaterThan(1)
    files.crash()
    expect(await verifyJournal(COPY, { files })).toMatchObject({ kind: 'whole', position: 183, hash: hexOf(head.hash) })
    await expect(positionsIn(files, { directory: COPY })).rejects.toMatchObject({ code: 'store_copied' })
    expect(await positionsIn(files, { directory: COPY, adopt: true })).toEqual(upTo(183))
    expect(await positionsIn(files)).toEqual(upTo(303))
  })

  test('without a head it takes all that verifies; where links are not possible it copies', async () => {
    const files = await storeWith(60, 200)
    files.fault = ({ operation }) => (operation === 'link' ? { kind: 'error', code: 'EXDEV' } : undefined)
    expect(await copyJournal({ source: DIRECTORY, target: COPY, files })).toMatchObject({ position: 180, linked: 0 })
    const adopted = await openSegments(files, { directory: COPY, adopt: true })
    await appendCommits(adopted, 1)
    await adopted.close()
    expect(await verifyJournal(COPY, { files })).toMatchObject({ kind: 'whole', position: 183, badIndexes: [] })
    expect(await verifyJournal(DIRECTORY, { files })).toMatchObject({ kind: 'whole', position: 180 })
  })

  test('refuses a head that is no commit, a folder that is not empty, and a source that is damaged', async () => {
    const files = await storeWith(4)
    const target = COPY
    await expect(copyJournal({ source: DIRECTORY, target, files, head: { position: 5 } })).rejects.toThrow('no commit')
    await expect(copyJournal({ source: DIRECTORY, target: DIRECTORY, files })).rejects.toThrow('not empty')
    files.bytesOf(segmentPath(1))[700]! ^= 1
    await expect(copyJournal({ source: DIRECTORY, target, files })).rejects.toMatchObject({ code: 'journal_damaged' })
  })
})
