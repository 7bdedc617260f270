import { describe, expect, test } from 'vitest'
import type { OpenFile, OpenMode } from '../../../engine/journal/files.ts'
import { openMemoryJournal } from '../../../engine/journal/memory-journal.ts'
import { makeFrames, plain, scanned } from '../../helpers/frames.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'
import {
  appendCommits,
  isSegment,
  openSegments,
  positionsIn,
  SEGMENT_BYTES,
  segmentPath,
  storeWith,
  upTo,
} from './segment-store.ts'

/** A disk whose writes to segments take as long as the test says. */
class SlowFiles extends MemoryFiles {
  /** Segments that somebody has open. */
  readonly opened = new Set<OpenFile>()
  readonly #held: Record<'read' | 'write', Promise<void>> = { read: Promise.resolve(), write: Promise.resolve() }

  /** Reads, or writes, wait from now on until the function it returns is called. */
  hold(operation: 'read' | 'write'): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#held[operation] = promise
    return resolve
  }

  override async open(path: string, mode: OpenMode): Promise<OpenFile> {
    const file = await super.open(path, mode)
    if (!isSegment(path)) return file
    const write: OpenFile['write'] = async (bytes, offset) => {
      await this.#held.write
      return await file.write(bytes, offset)
    }
    const read: OpenFile['read'] = async (target, offset) => {
      const count = await file.read(target, offset)
      await this.#held.read
      return count
    }
    const close = async () => {
      this.opened.delete(slow)
      await file.close()
    }
    const slow: OpenFile = { ...file, read, write, close }
    this.opened.add(slow)
    return slow
  }
}

const noSpace = { kind: 'error', code: 'ENOSPC' } as const

describe('segment journal', () => {
  test('[S1] a commit is one write and one sync, whatever its size', async () => {
    const files = new MemoryFiles()
    const journal = await openSegments(files, { segmentBytes: 8 * 1024 * 1024 })
    const calls: string[] = []
    files.fault = ({ operation, path }) => void (isSegment(path) && calls.push(operation)) as undefined
    await journal.append(1, makeFrames(1, 1))
    expect(calls.splice(0)).toEqual(['write', 'sync'])
    await journal.append(2, makeFrames(2, 4, 700_000))
    expect(calls).toEqual(['write', 'sync'])
    await journal.close()
  })

  test('[J2] what was just appended is read without the disk, over the ends of segments too, and is what the disk has', async () => {
    const files = new MemoryFiles()
    const segmentBytes = 128 * 1024
    const journal = await openSegments(files, { segmentBytes })
    for (const bodyBytes of [20, 4_000, 300, 9_000, 20, 700, 5_000, 20, 8_000])
      await appendCommits(journal, 4, bodyBytes)
    const { position } = journal.head()
    const reads: string[] = []
    files.fault = ({ operation, path }) =>
      void (isSegment(path) && operation === 'read' && reads.push(path)) as undefined
    const kept = await journal.read(upTo(position))
    expect(reads).toEqual([])
    expect(journal.sealed.length).toBeGreaterThan(1)
    await journal.close()
    const reopened = await openSegments(files, { segmentBytes })
    expect((await reopened.read(upTo(position))).map(plain)).toEqual(kept.map(plain))
    expect(reads.length).toBeGreaterThan(0)
    await reopened.close()
  })

  test('[J1] the same appends give the same head in memory and in segments', async () => {
    const files = await storeWith(20, 100)
    const journal = await openSegments(files)
    const memory = openMemoryJournal({ randomBytes: count => new Uint8Array(count).map((_, index) => index + 1) })
    for (let commit = 0; commit < 20; commit++) {
      await memory.append(commit + 1, makeFrames(commit * 3 + 1, 3, 100))
    }
    expect(journal.head()).toEqual(memory.head())
    await journal.close()
  })

  test('[J2] [S4] entries run on through many segments, found by scan and by position, also when opened again', async () => {
    const files = await storeWith(150, 200)
    expect((await files.list('/store')).filter(isSegment).length).toBeGreaterThan(7)
    const journal = await openSegments(files)
    expect((await scanned(journal.scan(0))).map(plain)).toEqual(makeFrames(1, 450, 200).map(plain))
    expect((await scanned(journal.scan(333))).map(frame => frame.position)).toEqual(upTo(450).slice(333))
    const wanted = [450, 1, 200, 201, 333, 2]
    expect((await journal.read(wanted)).map(frame => frame.position)).toEqual(wanted)
    await journal.close()
  })

  test('[J2] an entry found in what was read before is found also after more was appended behind it', async () => {
    const journal = await openSegments(new MemoryFiles())
    for (let position = 3; position <= 60; position += 3) {
      await appendCommits(journal, 1)
      const read = await journal.read([position, 1])
      expect(read.map(plain)).toEqual([...makeFrames(position, 1), ...makeFrames(1, 1)].map(plain))
    }
    await journal.close()
  })

  test('[J2] [S2] what is read while a commit is being written is read right after it too', async () => {
    const files = new SlowFiles()
    const journal = await openSegments(files, { segmentBytes: 1024 * 1024 })
    await appendCommits(journal, 1, 3_700)
    for (let commit = 0; commit < 20; commit++) {
      const { position } = journal.head()
      const written = files.hold('write')
      const appending = appendCommits(journal, 1, 3_700)
      const before = await journal.read([position])
      written()
      await appending
      const after = await journal.read([position, position + 1, position + 3])
      expect([...before, ...after].map(frame => frame.position)).toEqual([
        position,
        position,
        position + 1,
        position + 3,
      ])
    }
    await journal.close()
  })

  test('[J2] what is appended while a read is on its way is found right after it', async () => {
    const files = new SlowFiles()
    const writing = await openSegments(files)
    await appendCommits(writing, 4)
    await writing.close()
    const journal = await openSegments(files)
    const { position } = journal.head()
    const go = files.hold('read')
    const reading = journal.read([1])
    await appendCommits(journal, 2)
    go()
    expect((await reading).map(plain)).toEqual(makeFrames(1, 1).map(plain))
    expect((await journal.read([position + 6, 1])).map(plain)).toEqual(
      [...makeFrames(position + 6, 1), ...makeFrames(1, 1)].map(plain),
    )
    await journal.close()
  })

  test('[J2] an entry stays what it is in the hands of who read it, however much is read after it', async () => {
    const [files, segmentBytes, bodyBytes] = [new MemoryFiles(), 1024 * 1024, 5_000]
    const writing = await openSegments(files, { segmentBytes })
    while (writing.head().position < 2_400) await appendCommits(writing, 10, bodyBytes)
    const { position } = writing.head()
    await writing.close()
    const journal = await openSegments(files, { segmentBytes })
    const wanted = makeFrames(1, position, bodyBytes)
    // More than is kept, and what lies together is not read together.
    const scattered = upTo(position).toSorted((a, b) => (a % 97) - (b % 97) || a - b)
    const read = []
    for (let from = 0; from < position; from += 20) read.push(...(await journal.read(scattered.slice(from, from + 20))))
    expect(read.map(frame => frame.position)).toEqual(scattered)
    const others = read.filter(({ body, position }) => Buffer.compare(body, wanted[position - 1]!.body) !== 0)
    expect(others).toEqual([])
    await journal.close()
  })

  test('[J2] what is read while the journal is closed is still answered, and its files are closed behind it', async () => {
    const files = new SlowFiles()
    const writing = await openSegments(files)
    await appendCommits(writing, 60, 200)
    await writing.close()
    expect(files.opened.size).toBe(0)
    const journal = await openSegments(files)
    expect(journal.sealed.length).toBeGreaterThan(1)
    const { position } = journal.head()
    const go = files.hold('read')
    const reading = journal.read([1, position])
    await journal.close()
    expect(files.opened.size).toBe(2)
    go()
    expect((await reading).map(frame => frame.position)).toEqual([1, position])
    expect(files.opened.size).toBe(0)
  })

  test('[S1] the next segment is made before it is needed', async () => {
    const files = new MemoryFiles()
    const journal = await openSegments(files)
    expect(journal.roomBytes()).toBe(SEGMENT_BYTES - 512)
    while (journal.head().bytes <= SEGMENT_BYTES / 2) await appendCommits(journal, 1)
    expect(await files.list('/store')).toContain('0000000002.segment')
    await journal.close()
  })

  test('[S1] [E8] a full disk shows as no_space with nothing written, and the same append succeeds once there is room', async () => {
    const files = new MemoryFiles()
    const journal = await openSegments(files)
    files.fault = ({ operation, path }) => (path === segmentPath(2) && operation === 'write' ? noSpace : undefined)
    const frames = (position: number) => makeFrames(position, 3, 500)
    let appended = await journal.append(1, frames(1))
    while ('head' in appended) appended = await journal.append(1, frames(appended.head.position + 1))
    expect(appended.failure).toMatchObject({ code: 'no_space', cause: { code: 'ENOSPC' } })
    expect(journal.failure()).toBeUndefined()
    const { position } = journal.head()
    expect((await scanned(journal.scan(0))).map(frame => frame.position)).toEqual(upTo(position))
    expect(await files.list('/store')).not.toContain('0000000002.segment')
    expect(await journal.append(1, frames(position + 1))).toMatchObject({ failure: { code: 'no_space' } })
    files.fault = () => undefined
    expect(await journal.append(1, frames(position + 1))).toMatchObject({ head: { position: position + 3 } })
    await journal.close()
    expect(await positionsIn(files)).toEqual(upTo(position + 3))
  })

  test('[J2] what the disk cannot read is damage, like bytes that do not verify, and is read when asked for again', async () => {
    const files = await storeWith(2)
    const journal = await openSegments(files)
    files.fault = ({ operation, path }) =>
      operation === 'read' && isSegment(path) ? { kind: 'error', code: 'EIO' } : undefined
    await expect(journal.read([2])).rejects.toMatchObject({ code: 'journal_damaged', position: 2 })
    files.fault = () => undefined
    expect((await journal.read([2])).map(frame => frame.position)).toEqual([2])
    await journal.close()
  })

  test('[J3] [S3] [E5] a failed sync is not repeated on the same file, and what it wrote is fact once it was opened and verified', async () => {
    const files = await storeWith(2)
    const journal = await openSegments(files)
    let syncs = 0
    files.fault = ({ operation, path }) => {
      if (operation !== 'sync' || !isSegment(path)) return undefined
      syncs++
      return { kind: 'error', code: 'EIO' }
    }
    expect(await journal.append(50, makeFrames(7, 3))).toMatchObject({ failure: { code: 'poisoned' } })
    expect(await journal.append(50, makeFrames(7, 3))).toMatchObject({ failure: { code: 'poisoned' } })
    await journal.close()
    expect(syncs).toBe(1)
    files.fault = () => undefined
    expect(await positionsIn(files)).toEqual(upTo(9))
    // It was in memory only; the opening has copied it to a file that was synced.
    files.crash()
    expect(await positionsIn(files)).toEqual(upTo(9))
  })

  test('[J2] bytes that change under a reader are damage, named by position and file', async () => {
    const files = await storeWith(2)
    const journal = await openSegments(files)
    files.bytesOf(segmentPath(1))[512 + 128 + 40]! ^= 1
    const where = { code: 'journal_damaged', position: 1, file: '0000000001.segment' }
    await expect(journal.read([1])).rejects.toMatchObject(where)
    await expect(scanned(journal.scan(0))).rejects.toMatchObject(where)
    expect((await journal.read([6]))[0]!.position).toBe(6)
    await journal.close()
  })

  test('[E8] a commit that no segment could hold is a bug of the caller, and says so', async () => {
    const journal = await openSegments(new MemoryFiles())
    await expect(journal.append(1, makeFrames(1, 1, SEGMENT_BYTES))).rejects.toThrow('a commit fits into a segment')
    expect(await journal.append(1, makeFrames(1, 1))).toMatchObject({ head: { position: 1 } })
    await journal.close()
  })
})
