// Acknowledged: how far a journal may be read by somebody who does not own it. Behind that point its owner may be writing
// at this moment, and half a commit would look like damage.
import type { Files } from './files.ts'
import { readHeadMark } from './head-mark.ts'
import { StoreRefused } from './store-refused.ts'

/** Position of the last commit that a running owner has acknowledged; undefined when nobody owns it: then all of it may be read. */
export async function acknowledgedUpTo(files: Files, directory: string): Promise<number | undefined> {
  if (!(await isOwned(files, directory))) return undefined
  // An owner marks its head as soon as it has one, and then as it goes.
  return (await readHeadMark(files, directory))?.position
}

async function isOwned(files: Files, directory: string): Promise<boolean> {
  try {
    const claim = await files.claim(directory)
    await claim.release()
    return false
  } catch (error) {
    if (error instanceof StoreRefused && error.code === 'store_locked') return true
    throw error
  }
}
