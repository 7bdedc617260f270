// Copy: a second folder with the same journal, for a backup. Consistent while the engine serves: segments that are full
// never change and become links (no time, no room), the open one is copied block by block, each verified on its way.
// No LOCK and no head mark go along: the copy opens with `adopt` only.
import { acknowledgedUpTo } from './acknowledged.ts'
import { hexOf } from './codec.ts'
import { diskFiles } from './disk-files.ts'
import { type Files, writeAll } from './files.ts'
import { writeIndexFile } from './index-file.ts'
import { copyBlocks } from './opening.ts'
import { UNFINISHED_NAME } from './rewriting.ts'
import { encodeSegmentHeader, segmentName } from './segment-file.ts'
import { StoreRefused } from './store-refused.ts'
import { type Walked, type WalkedSegment, walkJournal } from './walk.ts'

export interface CopyOptions {
  readonly source: string
  /** Must be empty or not exist. */
  readonly target: string
  readonly files?: Files
  /** Copy up to here: the journal's head(). Without it, up to what a running owner has acknowledged, or all of it. */
  readonly head?: { readonly position: number }
}

export interface JournalCopy {
  readonly storeId: string
  readonly position: number
  /** Hash of the last block copied, in hexadecimal: what a signed head kept elsewhere would name. */
  readonly hash: string
  readonly linked: number
  readonly copied: number
}

/** Durable when it resolves. Rejects with JournalDamage when the source is damaged, and when `head` is not reached. */
export async function copyJournal(options: CopyOptions): Promise<JournalCopy> {
  const { source, target, files = diskFiles } = options
  await refuseUnfinished(files, source)
  const upTo = options.head?.position ?? (await acknowledgedUpTo(files, source))
  const walked = await walkJournal({ files, directory: source, upTo })
  if (walked === undefined) throw new Error(`there is no journal to copy: ${source}`)
  if (walked.head.position !== (upTo ?? walked.head.position)) throw new Error(`no commit ends at position ${upTo}`)
  refuseRetired(walked, source)
  await files.makeDirectory(target)
  if ((await files.list(target)).length > 0) throw new Error(`the target folder is not empty: ${target}`)
  let linked = 0
  for (const segment of walked.segments) {
    if (await copySegment(files, options, walked, segment)) linked++
  }
  await files.syncDirectory(target)
  // A segment may have been written anew while others were copied: then the copy ends before the entry that says so.
  const copied = await walkJournal({ files, directory: target, upTo: walked.head.position })
  if (copied !== undefined) refuseRetired(copied, source)
  const { store, head, segments } = walked
  return {
    storeId: store.storeId,
    position: head.position,
    hash: hexOf(head.hash),
    linked,
    copied: segments.length - linked,
  }
}

/** Half of what is retired may be left out by now: a copy of that would have to finish it, and does not know how. */
async function refuseUnfinished(files: Files, source: string): Promise<void> {
  if (!(await files.list(source)).includes(UNFINISHED_NAME)) return
  const message = 'a retirement is not finished here; it is once the store has been opened'
  throw new StoreRefused('store_half_retired', source, message)
}

/** A journal that ends before the entry about one of its segments would lack what was left out, and not know why. */
function refuseRetired({ head, segments }: Walked, source: string): void {
  const last = Math.max(...segments.map(({ rewrittenAfter }) => rewrittenAfter))
  if (last === 0 || last < head.position) return
  const message = `what was retired since position ${head.position} is not here any more: take a position after ${last}, or an older backup`
  throw new StoreRefused('store_retired_since', source, message)
}

/** Whether the segment is a link in the target. */
async function copySegment(
  files: Files,
  { source, target }: CopyOptions,
  walked: Walked,
  segment: WalkedSegment,
): Promise<boolean> {
  const { index } = segment
  const name = segmentName(index.number)
  const isFull = segment !== walked.segments.at(-1)
  if (isFull) await writeIndexFile(files, target, index)
  if (isFull && (await links(files, `${source}/${name}`, `${target}/${name}`))) return true
  const file = await files.open(`${target}/${name}`, 'create')
  try {
    const header = { number: index.number, store: walked.store, rewrittenAfter: segment.rewrittenAfter }
    await writeAll(file, encodeSegmentHeader(header), 0)
    const { opening, endOffset } = index
    await copyBlocks(files, { path: `${source}/${name}`, target: file, store: walked.store, opening, endOffset })
    await file.sync()
  } finally {
    await file.close()
  }
  return false
}

async function links(files: Files, from: string, to: string): Promise<boolean> {
  return await files.link(from, to).then(
    () => true,
    () => false,
  )
}
