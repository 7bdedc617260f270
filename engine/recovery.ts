// Recovery: from a checkpoint and the journal after it to everything derived, when a store is opened.
import type { Charts } from '../machines/charts.ts'
import type { Source } from '../machines/sources.ts'
import { type Checkpoints, loaded, type SavedCheckpoint } from './checkpoint.ts'
import { Derived } from './derived.ts'
import { Directory } from './directory.ts'
import { ERASURE_ENTRY, EVENT_ENTRY, REMNANT_ENTRY, SETTINGS_ENTRY, unpackEntry } from './entry-codec.ts'
import { type EntryFrame, type Journal, JournalDamage } from './journal/journal.ts'
import { unpackRemnant } from './retiring/remnant.ts'
import { unpackErasure } from './sealing/erasure.ts'
import { currentSettings, latestSettings } from './settings.ts'

export interface Recovered {
  readonly derived: Derived
  /** Settings in force, as text. */
  readonly settings: string
  /** Position of the checkpoint used; 0 without one. */
  readonly savedTo: number
  /** The checkpoint's sections; empty without one. */
  readonly sections: SavedCheckpoint['sections']
}

export interface RecoveryOptions {
  readonly journal: Journal
  readonly checkpoints?: Checkpoints
  readonly charts: Charts
  readonly sources: readonly Source[]
  /** Stamp for the settings entry, epoch milliseconds; not before the journal's last. */
  readonly nowMs: number
}

/** Folds the journal, and notes in it what is in force from now on where that changed. Rejects with JournalDamage. */
export async function recovered(options: RecoveryOptions): Promise<Recovered> {
  const { charts, journal, nowMs, sources } = options
  const start = (await fromCheckpoint(options)) ?? {
    derived: new Derived(new Directory(journal.hashKey)),
    settings: undefined,
    position: 0,
    sections: {},
  }
  const { derived, sections } = start
  let { settings } = start
  for await (const frames of journal.scan(start.position))
    for (const frame of frames) {
      if (frame.kind === SETTINGS_ENTRY) settings = latestSettings(frame.body)
      else if (frame.kind === ERASURE_ENTRY) derived.erase(unpackErasure(frame))
      else if (frame.kind === REMNANT_ENTRY) derived.foldRemnant(unpackRemnant(frame), frame)
      else if (frame.kind === EVENT_ENTRY) derived.fold(unpackEntry(frame), frame)
    }
  const current = currentSettings(charts, sources)
  if (settings !== current.text) await noteSettings(journal, nowMs, current.body)
  return { derived, settings: current.text, savedTo: start.position, sections }
}

async function fromCheckpoint({ checkpoints, journal }: RecoveryOptions) {
  const saved = await checkpoints?.read(journal.storeId)
  if (saved === undefined) return undefined
  const { position } = journal.head()
  if (saved.position > position) {
    const message = `the checkpoint is of position ${saved.position}, the journal ends at ${position}: its end is lost`
    throw new JournalDamage(message, { position })
  }
  const content = loaded(saved.sections, journal.hashKey)
  return content && { ...content, position: saved.position, sections: saved.sections }
}

async function noteSettings(journal: Journal, nowMs: number, body: Uint8Array): Promise<void> {
  const none = { high: 0, low: 0 }
  const frame: EntryFrame = { family: none, eventId: none, previous: 0, kind: SETTINGS_ENTRY, verdict: 0, body }
  const appended = await journal.append(nowMs, [frame])
  if ('head' in appended) return
  throw new Error(`the journal takes no entries (${appended.failure.code})`, { cause: appended.failure })
}
