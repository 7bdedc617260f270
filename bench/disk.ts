// What a store takes on disk.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { journalFolder } from '../cli/store.ts'
import type { Engine } from '../engine/engine.ts'

/** Bytes in the journal's blocks; segments are made full of zeros beforehand, which says nothing. */
export const journalBytes = (engine: Engine): number => gauge(engine, 'ordertwin_journal_bytes')

/** Entries of the journal: an event each, but for the few that are repeated or that wake others. */
export const journalEntries = (engine: Engine): number => gauge(engine, 'ordertwin_journal_entries')

const gauge = (engine: Engine, wanted: string): number =>
  engine.metrics().find(({ name }) => name === wanted)?.samples[0]?.value ?? 0

/** Bytes of everything beside the journal's segments: LevelDB, checkpoint, index files. */
export async function otherBytes(data: string): Promise<number> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true })
  const files = entries.filter(
    each => each.isFile() && !(each.parentPath === journalFolder(data) && each.name.endsWith('.segment')),
  )
  const sizes = await Promise.all(files.map(async each => (await stat(join(each.parentPath, each.name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
