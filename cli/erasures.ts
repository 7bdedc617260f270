// Erasures as a list of their own: one JSON object a line. Backups hold the keys as of then, so who restores one does again what
// was erased since; the list says what. In a store's folder it says what is still to be done.
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Engine } from '../engine/engine.ts'
import { ERASURE_ENTRY } from '../engine/entry-codec.ts'
import { diskFiles } from '../engine/journal/disk-files.ts'
import { salvageJournal } from '../engine/journal/salvage.ts'
import { type Erasure, unpackErasure } from '../engine/sealing/erasure.ts'
import { isoTime } from '../machines/time.ts'
import { Refused } from './exit.ts'

/** In a backup's folder, and in a store's that was restored and not opened since. */
export const ERASURES_NAME = 'ERASURES'

const erasureSchema = z.object({ order: z.string().min(1), erasedAt: z.string(), by: z.string(), reason: z.string() })
export type RecordedErasure = z.output<typeof erasureSchema>

export const recordedErasure = ({ atMs, by, family, reason }: Erasure): RecordedErasure => ({
  order: family,
  erasedAt: isoTime(atMs),
  by,
  reason,
})

/** Every erasure in the folder `journal`, oldest first. Reads only: it may run beside a serving engine. */
export async function recordedErasures(journal: string): Promise<readonly RecordedErasure[]> {
  const found: RecordedErasure[] = []
  await salvageJournal(diskFiles, journal, frames => {
    for (const frame of frames) {
      if (frame.kind !== ERASURE_ENTRY) continue
      found.push(recordedErasure(unpackErasure(frame)))
    }
  })
  return found
}

export async function readErasures(file: string): Promise<readonly RecordedErasure[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter(line => line.trim() !== '')
  return lines.map((line, index) => {
    try {
      return erasureSchema.parse(JSON.parse(line))
    } catch {
      throw new Refused(`${file}: line ${index + 1} is no erasure`)
    }
  })
}

export const writeErasures = (file: string, erasures: readonly RecordedErasure[]): Promise<void> =>
  writeFile(file, erasures.map(each => `${JSON.stringify(each)}\n`).join(''))

/** Does what the list in the store's folder says, before anything is served. Throws Refused where that cannot be done. */
export async function finishErasures(data: string, engine: Pick<Engine, 'erase'>): Promise<void> {
  const file = join(data, ERASURES_NAME)
  if (!existsSync(file)) return
  for (const { by, order, reason } of await readErasures(file)) {
    const outcome = await engine.erase({ family: order, by, reason })
    if (outcome.kind === 'unavailable') throw new Refused(`${order} was erased and is not here: ${outcome.reason}`)
  }
  await rm(file)
}
