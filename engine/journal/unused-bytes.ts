// Unused bytes: what no reader looks at, and verify does: a segment's header sector, the padding behind blocks, the zeros
// behind the last one, LOCK and the head mark. A change there loses nothing, and still tells of a disk that changes bytes.
import { BLOCK_HEADER_BYTES, decodeBlockHeader } from './codec.ts'
import type { Files } from './files.ts'
import { HEAD_MARK_NAME, readHeadMark } from './head-mark.ts'
import { LOCK_NAME, lockText, olderLockText, readLock } from './lock.ts'
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentName } from './segment-file.ts'

/** Names of files in `directory` with bytes that nobody wrote; `segments` are verified. */
export async function changedUnusedBytes(
  files: Files,
  directory: string,
  segments: readonly { readonly number: number; readonly endOffset: number; readonly isTorn: boolean }[],
): Promise<readonly string[]> {
  const changed: string[] = []
  for (const { endOffset, isTorn, number } of segments) {
    const bytes = await files.readWhole(`${directory}/${segmentName(number)}`)
    if (bytes !== undefined && !isAsWritten(bytes, isTorn ? endOffset : bytes.length, endOffset))
      changed.push(segmentName(number))
  }
  const lock = await files.readWhole(`${directory}/${LOCK_NAME}`)
  if (lock !== undefined && !(await isLockWhole(files, directory, lock))) changed.push(LOCK_NAME)
  const mark = await files.readWhole(`${directory}/${HEAD_MARK_NAME}`)
  if (mark !== undefined && mark.length > 0 && (await readHeadMark(files, directory)) === undefined)
    changed.push(HEAD_MARK_NAME)
  return changed
}

async function isLockWhole(files: Files, directory: string, bytes: Uint8Array): Promise<boolean> {
  const lock = await readLock(files, directory)
  if (lock === undefined) return false
  const text = new TextDecoder().decode(bytes)
  return text === lockText(lock) || text === olderLockText(lock)
}

/** Blocks up to `endOffset` padded as they were, and zeros from there to `zerosTo`. */
function isAsWritten(bytes: Uint8Array, zerosTo: number, endOffset: number): boolean {
  if (decodeSegmentHeader(bytes) === undefined) return false
  for (let at = SEGMENT_HEADER_BYTES; at < endOffset; ) {
    const header = decodeBlockHeader(bytes, at)
    if (header === undefined) return false
    const next = at + header.extentBytes
    for (let pad = at + BLOCK_HEADER_BYTES + header.payloadBytes; pad < next; pad++)
      if (bytes[pad] !== 0xff) return false
    at = next
  }
  for (let at = endOffset; at < zerosTo; at++) if (bytes[at] !== 0) return false
  return true
}
