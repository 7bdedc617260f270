// What a store takes on disk.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { journalFolder } from '../cli/store.ts'
import type { Engine } from '../engine/engine.ts'

/** Bytes in the journal's blocks; segments are made full of zeros beforehand, which says nothing. */
export const journalBytes = (engine: Engine): number =>
  engine.metrics().find(({ name }) => name === 'ordertwin_journal_bytes')?.samples[0]?.value ?? 0

/** Bytes of everything beside the journal's segments: LevelDB, checkpoint, index files. */
export async function otherBytes(data: string): Promise<number> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true })
  const files = entries.filter(
    each => each.isFile() && !(each.parentPath === journalFolder(data) && each.name.endsWith('.segment')),
  )
  const sizes = await Promise.all(files.map(async each => (await stat(join(each.parentPath, each.name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
