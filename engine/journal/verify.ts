// Verify: reads a whole journal and says whether it is what was written, and where it first is not. Reads only and holds no
// lock: it may run beside a serving engine, and then reads up to what that had acknowledged when it began.
import { acknowledgedUpTo } from './acknowledged.ts'
import { hexOf, sameBytes, sha256 } from './codec.ts'
import { diskFiles } from './disk-files.ts'
import type { Files } from './files.ts'
import { encodeIndex, indexName, readIndexFile } from './index-file.ts'
import { JournalDamage } from './journal.ts'
import { type KeptHead, KeptHeadCheck } from './kept-head.ts'
import type { RewritingAt } from './rewriting.ts'
import { SEGMENT_HEADER_BYTES, segmentName } from './segment-file.ts'
import { changedUnusedBytes } from './unused-bytes.ts'
import { type Walked, type WalkedSegment, walkJournal } from './walk.ts'

export type JournalVerdict =
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'whole'
      readonly storeId: string
      /** Last position, and the hash of its block in hexadecimal: compare it with one kept elsewhere. */
      readonly position: number
      readonly hash: string
      readonly segments: number
      /** Segments that were written anew since, each as the entry about it says. */
      readonly rewritten: number
      /** Where entries behind the kept head say that segments were written anew: what was left out is not what it vouched for. */
      readonly rewrittenSince: readonly number[]
      /** A commit at the end that nobody was told of; undefined when there is none. */
      readonly torn: Walked['torn']
      /** Index files that are not what their segments say. Harmless: they are made again. */
      readonly badIndexes: readonly string[]
      /** Files with changed bytes that nobody reads. Harmless, but the disk changed them. */
      readonly changedUnused: readonly string[]
    }
  | { readonly kind: 'damaged'; readonly position: number; readonly file: string | undefined; readonly message: string }

export interface VerifyOptions {
  readonly files?: Files
  /** Hears of each segment once all its blocks are verified. */
  readonly onSegment?: (segment: { readonly number: number; readonly lastPosition: number }) => void
  /** A head kept elsewhere: the journal must hold that very history, and may have gone on from there. */
  readonly keptHead?: KeptHead
}

/**
 * Verifies every block of every segment, the chain through them, the head mark and the index files. Rejects only when a
 * file cannot be read, or when the journal is of a later version.
 */
export async function verifyJournal(directory: string, options: VerifyOptions = {}): Promise<JournalVerdict> {
  const { files = diskFiles, keptHead, onSegment } = options
  const kept = keptHead && new KeptHeadCheck(keptHead)
  const rewritings: RewritingAt[] = []
  if ((await files.list(directory)).length === 0) return { kind: 'empty' }
  try {
    const upTo = await acknowledgedUpTo(files, directory)
    const walked = await walkJournal({
      files,
      directory,
      thorough: true,
      upTo,
      onCommit: end => kept?.hear(end),
      onRewriting: rewriting => void rewritings.push(rewriting),
      onSegment: ({ index }) => onSegment?.({ number: index.number, lastPosition: index.closing.position }),
    })
    if (walked === undefined) return { kind: 'empty' }
    kept?.over(walked.head.position)
    const rewritten = walked.segments.filter(({ rewrittenAfter: after }) => after > 0 && after < walked.head.position)
    for (const segment of rewritten) await checkRewritten(segment, rewritings, { files, directory })
    return {
      kind: 'whole',
      storeId: walked.store.storeId,
      position: walked.head.position,
      hash: hexOf(walked.head.hash),
      segments: walked.segments.length,
      rewritten: rewritten.length,
      rewrittenSince: rewritings.map(each => each.position).filter(each => each > (keptHead?.position ?? each)),
      torn: walked.torn,
      badIndexes: await badIndexes(files, directory, walked.segments),
      // Beside a running owner the last segment and the mark change as we look.
      changedUnused: upTo === undefined ? await unusedIn(files, directory, walked) : [],
    }
  } catch (error) {
    if (!(error instanceof JournalDamage)) throw error
    return { kind: 'damaged', position: error.position, file: error.file, message: error.message }
  }
}

/** The file must be what an entry names; not the last one: a crash may have come between that and its renaming. */
async function checkRewritten(
  { index }: WalkedSegment,
  rewritings: readonly RewritingAt[],
  { directory, files }: { readonly directory: string; readonly files: Files },
): Promise<void> {
  const { closing, endOffset, number, opening } = index
  const name = segmentName(number)
  const bytes = (await files.readWhole(`${directory}/${name}`)) ?? new Uint8Array(0)
  const digest = hexOf(sha256(bytes.subarray(0, endOffset)))
  const isIt = (each: RewritingAt) =>
    each.segment === number &&
    each.digest === digest &&
    each.opening.hash === hexOf(opening.hash) &&
    each.closing.hash === hexOf(closing.hash)
  if (rewritings.some(isIt)) return
  const position = opening.position + 1
  throw new JournalDamage(`${name}: it was written anew, and no entry names it as it is`, { position, file: name })
}

async function unusedIn(
  files: Files,
  directory: string,
  { segments, torn, unused }: Walked,
): Promise<readonly string[]> {
  const places = segments.map(({ index }) => ({
    number: index.number,
    endOffset: index.endOffset,
    isTorn: torn?.file === segmentName(index.number),
  }))
  const empty = unused.map(number => ({ number, endOffset: SEGMENT_HEADER_BYTES, isTorn: false }))
  return await changedUnusedBytes(files, directory, [...places, ...empty])
}

async function badIndexes(files: Files, directory: string, segments: readonly WalkedSegment[]): Promise<string[]> {
  const bad: string[] = []
  for (const { index } of segments) {
    const name = indexName(index.number)
    if ((await files.readWhole(`${directory}/${name}`)) === undefined) continue
    const stored = await readIndexFile(files, { directory, number: index.number, storeId: index.storeId })
    if (stored === undefined || !sameBytes(encodeIndex(stored), encodeIndex(index))) bad.push(name)
  }
  return bad
}
