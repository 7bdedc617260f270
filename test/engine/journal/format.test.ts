// The journal of each format as it was written by then, checked in: it opens for ever, and its bytes are what the same appends give
// for as long as the format is the current one. A new format gets a folder of its own beside it.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hexOf } from '../../../engine/journal/codec.ts'
import { openSegmentJournal } from '../../../engine/journal/segment-journal.ts'
import { verifyJournal } from '../../../engine/journal/verify.ts'
import { makeFrames, plain, scanned } from '../../helpers/frames.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'

const VERSION_1 = new URL('../../fixtures/journal-v1/', import.meta.url).pathname
const DIRECTORY = '/store'
const HEAD_1 = { position: 12, recordedMs: 1_700_000_003_000, bytes: 4096 }
const HASH_1 = '38800ec86b54724506f9a4295b3c7c21c81e210c60b0e8af370681a5c65f3ab5'

const options = {
  directory: DIRECTORY,
  randomBytes: (count: number) => new Uint8Array(count).map((_, index) => 0xa0 + index),
  segmentBytes: 4096,
}

/** The journal of format 1: four commits of three entries, in two segments. */
async function writtenToday(): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  const journal = await openSegmentJournal({ ...options, files })
  for (let commit = 0; commit < 4; commit++) {
    await journal.append(1_700_000_000_000 + commit * 1000, makeFrames(commit * 3 + 1, 3, 250))
  }
  await journal.close()
  return files
}

async function loaded(folder: string): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  await files.makeDirectory(DIRECTORY)
  for (const name of await readdir(folder)) {
    const file = await files.open(`${DIRECTORY}/${name}`, 'create')
    await file.write(await readFile(join(folder, name)), 0)
  }
  return files
}

describe('the journal on disk', () => {
  test('[G20] format 1 verifies, opens and gives back its entries', async () => {
    const files = await loaded(VERSION_1)
    const verdict = { kind: 'whole', position: 12, hash: HASH_1, badIndexes: [], torn: undefined }
    expect(await verifyJournal(DIRECTORY, { files })).toMatchObject(verdict)
    const journal = await openSegmentJournal({ ...options, files, adopt: true })
    expect(journal.storeId).toBe('a0a1a2a3a4a5a6a7a8a9aaabacadaeaf')
    expect(journal.hashKey).toEqual({ a: 0xa3a2a1a0, b: 0xa7a6a5a4 })
    expect(journal.head()).toMatchObject(HEAD_1)
    expect(hexOf(journal.head().hash)).toBe(HASH_1)
    expect((await scanned(journal.scan(0))).map(plain)).toEqual(makeFrames(1, 12, 250).map(plain))
    expect((await journal.read([12, 1])).map(frame => frame.recordedMs)).toEqual([1_700_000_003_000, 1_700_000_000_000])
    await journal.close()
  })

  test('[G20] what is written today is format 1 to the byte', async () => {
    const files = await writtenToday()
    const names = await readdir(VERSION_1)
    for (const name of names) {
      const before = await readFile(join(VERSION_1, name))
      expect(Buffer.compare(files.bytesOf(`${DIRECTORY}/${name}`), before), name).toBe(0)
    }
    expect(names).toEqual(['0000000001.index', '0000000001.segment', '0000000002.segment', 'HEAD'])
  })
})
