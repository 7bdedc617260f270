// A small store on a simulated disk, for the tests of what opening makes of it.

import { segmentName } from '../../../engine/journal/segment-file.ts'
import { openSegmentJournal, type SegmentJournal } from '../../../engine/journal/segment-journal.ts'
import { makeFrames, scanned } from '../../helpers/frames.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'

export const DIRECTORY = '/store'
export const SEGMENT_BYTES = 16 * 1024
export const COMMIT_ENTRIES = 3

export function segmentPath(number: number, directory = DIRECTORY): string {
  return `${directory}/${segmentName(number)}`
}

/** Also the fresh file that an opening makes before it takes a segment's name: what it was opened as is what its calls say. */
export function isSegment(path: string): boolean {
  return path.includes('.segment')
}

export function openSegments(
  files: MemoryFiles,
  options: { readonly adopt?: boolean; readonly directory?: string; readonly segmentBytes?: number } = {},
): Promise<SegmentJournal> {
  const randomBytes = (count: number) => new Uint8Array(count).map((_, index) => index + 1)
  return openSegmentJournal({ directory: DIRECTORY, randomBytes, segmentBytes: SEGMENT_BYTES, files, ...options })
}

/** Appends `count` commits of three entries, each entry numbered by its position. */
export async function appendCommits(journal: SegmentJournal, count: number, bodyBytes = 20): Promise<void> {
  for (let commit = 0; commit < count; commit++) {
    const { position, recordedMs } = journal.head()
    const appended = await journal.append(recordedMs + 1, makeFrames(position + 1, COMMIT_ENTRIES, bodyBytes))
    if ('failure' in appended) throw new Error(`not appended: ${appended.failure.code}`)
  }
}

/** A store with that many commits of three entries, closed, all of it durable but the head mark. */
export async function storeWith(commits: number, bodyBytes = 20): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  const journal = await openSegments(files)
  await appendCommits(journal, commits, bodyBytes)
  await journal.close()
  return files
}

/** Opens the store, reads all of it and closes it again. */
export async function positionsIn(
  files: MemoryFiles,
  options: Parameters<typeof openSegments>[1] = {},
): Promise<number[]> {
  const journal = await openSegments(files, options)
  const frames = await scanned(journal.scan(0))
  await journal.close()
  return frames.map(frame => frame.position)
}

export function upTo(position: number): number[] {
  return Array.from({ length: position }, (_, index) => index + 1)
}
