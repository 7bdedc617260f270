import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { indexName } from '../../../engine/journal/index-file.ts'
import { verifyJournal } from '../../../engine/journal/verify.ts'
import { makeFrames } from '../../helpers/frames.ts'
import { DISK_SECTOR_BYTES, type DiskCall, MemoryFiles } from '../../helpers/memory-files.ts'
import {
  appendCommits,
  DIRECTORY,
  isSegment,
  openSegments,
  positionsIn,
  segmentPath,
  storeWith,
  upTo,
} from './segment-store.ts'

const FIRST = segmentPath(1)
const power = { kind: 'power' } as const
const damagedAt = (position: number, number = 1) => ({
  code: 'journal_damaged',
  position,
  file: segmentPath(number).slice(7),
})

/** The sector behind the last one written to. */
function freeSector(bytes: Uint8Array): number {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return Math.ceil(end / DISK_SECTOR_BYTES)
}

/** Appends entries of `sizes` bytes, and the power goes during the sync; `chosen` says which sectors were written by then. */
async function powerCut(files: MemoryFiles, sizes: readonly number[], chosen: readonly boolean[]): Promise<void> {
  const journal = await openSegments(files)
  const start = freeSector(files.bytesOf(FIRST))
  files.fault = ({ operation, path }) => (operation === 'sync' && isSegment(path) ? power : undefined)
  const frames = sizes.map((size, index) => makeFrames(journal.head().position + index + 1, 1, size)[0]!)
  expect(await journal.append(1000, frames)).toMatchObject({ failure: { code: 'poisoned' } })
  files.crash(({ path, index }) => path === FIRST && chosen[index - start] === true)
}

describe('opening after a power cut', () => {
  test('[E5] [J1] all of the last commit is there or none of it, whichever of its sectors were written', async () => {
    const sectors = fc.array(fc.boolean(), { minLength: 6, maxLength: 6 })
    const property = fc.asyncProperty(sectors, async chosen => {
      const files = await storeWith(2)
      // Header and three entries of 800 bytes: six sectors, none of them without a byte that is not zero.
      await powerCut(files, [800, 800, 800], chosen)
      const whole = chosen.every(Boolean)
      const journal = await openSegments(files)
      expect(journal.head().position).toBe(whole ? 9 : 6)
      const untouched = !chosen.some(Boolean)
      expect(journal.torn).toEqual(whole || untouched ? undefined : { position: 7, file: '0000000001.segment' })
      await appendCommits(journal, 1)
      await journal.close()
      expect(await verifyJournal(DIRECTORY, { files })).toMatchObject({ kind: 'whole', position: whole ? 12 : 9 })
    })
    await fc.assert(property, { numRuns: 100, examples: [[[true, true, true, true, true, true]]] })
  })

  test('[J1] of a commit of several blocks, too, all is there or nothing', async () => {
    for (const lost of [0, 1, 1500, 2060, 3000, 4100, undefined]) {
      const files = new MemoryFiles()
      const big = { segmentBytes: 4 * 1024 * 1024 }
      const journal = await openSegments(files, big)
      const frames = makeFrames(1, 3, 700_000)
      files.fault = ({ operation, path }) => (operation === 'sync' && isSegment(path) ? power : undefined)
      expect(await journal.append(1, frames)).toMatchObject({ failure: { code: 'poisoned' } })
      files.crash(({ index }) => index !== (lost === undefined ? undefined : lost + 1))
      expect(await positionsIn(files, big)).toEqual(lost === undefined ? [1, 2, 3] : [])
    }
  })

  test('[J1] [E9] whichever call the power goes at, what was acknowledged is there and the store opens again', async () => {
    const survivors = fc.infiniteStream(fc.boolean())
    let calls = 0
    let outlived = false
    for (let limit = 1; !outlived; limit += limit < 60 ? 1 : 7) {
      const files = new MemoryFiles()
      calls = 0
      files.fault = () => (++calls > limit ? power : undefined)
      let acknowledged = 0
      try {
        const journal = await openSegments(files)
        for (let commit = 0; commit < 40; commit++) {
          const appended = await journal.append(commit, makeFrames(acknowledged + 1, 3, 300))
          if ('failure' in appended) break
          acknowledged = appended.head.position
        }
        outlived = acknowledged === 120
        await journal.close()
      } catch {
        // The power went while it was opened: nothing was acknowledged.
      }
      const stream = fc.sample(survivors, { seed: limit, numRuns: 1 })[0]!
      files.crash(() => stream.next().value)
      const positions = await positionsIn(files)
      expect([acknowledged, acknowledged + 3], `power cut at call ${limit}`).toContain(positions.length)
      expect(positions).toEqual(upTo(positions.length))
    }
    expect(calls).toBeGreaterThan(60)
  })

  test('[E5] a process that dies within a write leaves the beginning of it: that is torn too', async () => {
    for (const bytes of [1, 50, 127, 128, 200, 511, 512, 513, 1000, 2527]) {
      const files = await storeWith(2)
      const journal = await openSegments(files)
      files.fault = ({ operation, path }) =>
        operation === 'write' && isSegment(path) ? { kind: 'short', bytes } : undefined
      await journal.append(1000, makeFrames(7, 3, 800))
      files.kill()
      expect(await positionsIn(files), `${bytes} bytes written`).toEqual(upTo(6))
    }
  })
})

describe('opening what is damaged', () => {
  test('[J3] a bad block that acknowledged ones follow is damage', async () => {
    const files = await storeWith(3)
    // All of the second commit, as a disk loses a write it has confirmed.
    files.bytesOf(FIRST).fill(0, 2 * 512, 3 * 512)
    await expect(positionsIn(files)).rejects.toMatchObject(damagedAt(4))
  })

  test('[J3] a torn block that the head mark covers is damage: it was acknowledged', async () => {
    const files = await storeWith(3, 300)
    files.bytesOf(FIRST).fill(0, 512 * 8, 512 * 9)
    await expect(positionsIn(files)).rejects.toMatchObject(damagedAt(7))
    await files.remove(`${DIRECTORY}/HEAD`)
    expect(await positionsIn(files)).toEqual(upTo(6))
  })

  test('[J3] a bad last block without zeroed sectors is damage, whatever the head mark says', async () => {
    const files = await storeWith(2)
    await files.remove(`${DIRECTORY}/HEAD`)
    files.bytesOf(FIRST)[1024 + 200]! ^= 4
    await expect(positionsIn(files)).rejects.toMatchObject(damagedAt(4))
  })

  test('[E10] a journal that ends before the head mark has lost its end', async () => {
    const files = await storeWith(60, 200)
    const verdict = await verifyJournal(DIRECTORY, { files })
    const last = verdict.kind === 'whole' ? verdict.segments : 0
    await files.remove(segmentPath(last))
    await files.remove(segmentPath(last + 1))
    await expect(positionsIn(files)).rejects.toMatchObject({ code: 'journal_damaged' })
  })

  test('[E10] a journal rolled back and grown anew is not the one that was acknowledged', async () => {
    const files = await storeWith(2)
    const former = files.bytesOf(FIRST).slice()
    const journal = await openSegments(files)
    await appendCommits(journal, 1)
    await journal.close()
    const mark = files.bytesOf(`${DIRECTORY}/HEAD`).slice()
    files.bytesOf(FIRST).set(former)
    files.bytesOf(`${DIRECTORY}/HEAD`).fill(0)
    const other = await openSegments(files)
    await other.append(77, makeFrames(99, 3))
    await other.close()
    files.bytesOf(`${DIRECTORY}/HEAD`).set(mark)
    await expect(positionsIn(files)).rejects.toMatchObject(damagedAt(9))
  })

  test('[J2] a segment missing in the middle, or put in the place of another, is damage', async () => {
    const files = await storeWith(60, 200)
    await files.rename(segmentPath(2), '/elsewhere')
    await expect(positionsIn(files)).rejects.toMatchObject({ code: 'journal_damaged', file: '0000000003.segment' })
    await files.rename(segmentPath(3), segmentPath(2))
    await files.rename('/elsewhere', segmentPath(3))
    await expect(positionsIn(files)).rejects.toMatchObject({ code: 'journal_damaged', file: '0000000002.segment' })
  })

  test('[J3] every segment gone is damage, not a new store', async () => {
    const files = await storeWith(1)
    await files.remove(FIRST)
    await expect(positionsIn(files)).rejects.toMatchObject({ code: 'journal_damaged' })
  })

  test('[E9] index files that are missing, damaged or untrue are made again', async () => {
    const untrue = (files: MemoryFiles) => {
      const path = `${DIRECTORY}/${indexName(1)}`
      files.bytesOf(path).set(files.bytesOf(`${DIRECTORY}/${indexName(2)}`).slice())
    }
    const changes: ((files: MemoryFiles) => void)[] = [
      files => void files.remove(`${DIRECTORY}/${indexName(1)}`),
      files => void files.bytesOf(`${DIRECTORY}/${indexName(2)}`).fill(1, 70, 71),
      files => void files.bytesOf(`${DIRECTORY}/${indexName(2)}`).fill(0),
      untrue,
    ]
    for (const change of changes) {
      const files = await storeWith(60, 200)
      const whole = files.bytesOf(`${DIRECTORY}/${indexName(1)}`).slice()
      change(files)
      expect(await positionsIn(files)).toEqual(upTo(180))
      expect(Buffer.compare(files.bytesOf(`${DIRECTORY}/${indexName(1)}`), whole)).toBe(0)
      expect(await verifyJournal(DIRECTORY, { files })).toMatchObject({ kind: 'whole', badIndexes: [] })
    }
  })

  test('[J3] a disk too full to open is said as such, and nothing is changed', async () => {
    const files = await storeWith(2)
    const before = files.bytesOf(FIRST).slice()
    const full = ({ operation, path }: DiskCall) => operation === 'write' && path.includes('.segment')
    files.fault = call => (full(call) ? { kind: 'error', code: 'ENOSPC' } : undefined)
    await expect(positionsIn(files)).rejects.toMatchObject({ code: 'store_no_space', directory: DIRECTORY })
    expect(Buffer.compare(files.bytesOf(FIRST), before)).toBe(0)
    files.fault = () => undefined
    expect(await positionsIn(files)).toEqual(upTo(6))
  })
})
