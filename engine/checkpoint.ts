// Checkpoint: directory and projections as of a position, so that opening depends on the tail of the journal, not on its
// length. A convenience: whatever is wrong with it, everything is folded again from the journal (architecture.md, Storage 6).
// Sections are written while the engine serves. What must not be folded twice is as of the position (copy-on-write.ts); tables are as they
// are when their piece is written, and noting in them again what they hold already changes nothing.
import { Derived } from './derived.ts'
import { Directory, type DirectoryParts } from './directory.ts'
import type { HashKey } from './hash.ts'
import { HashTable } from './hash-table.ts'
import { NumberedTexts } from './projections/numbered-texts.ts'
import type { Erasure } from './sealing/erasure.ts'

/** Where checkpoints are kept. */
export interface Checkpoints {
  /** The last one written that is whole; undefined where there is none. */
  read(storeId: string): Promise<SavedCheckpoint | undefined>
  /** Resolves with its size once it is durable; the former one stays until then. */
  write(draft: CheckpointContent): Promise<number>
}

export type Sections = Readonly<Record<string, Uint8Array | Iterable<Uint8Array>>>

export interface CheckpointContent {
  readonly storeId: string
  readonly epoch: number
  /** Every entry up to here is in the sections. */
  readonly position: number
  readonly sections: Sections
}

export interface SavedCheckpoint {
  readonly position: number
  readonly sections: Readonly<Record<string, Uint8Array>>
  readonly bytes: number
}

interface Summary {
  readonly states: unknown
  readonly sources: unknown
  readonly settings: string | undefined
  readonly keysUsed: number
  readonly erasures: readonly Erasure[]
  readonly retiredKeys: readonly number[]
}

export function sectionsOf(derived: Derived, settings: string | undefined): Sections {
  const { board, directory, erasures, keysUsed, retiredKeys, sourceLog, states } = derived
  const { ids, ...tables } = directory.saved()
  const summary: Summary = {
    states: states.saved(),
    sources: sourceLog.saved(),
    settings,
    keysUsed,
    erasures: [...erasures.values()],
    retiredKeys: [...retiredKeys],
  }
  return {
    summary: Buffer.from(JSON.stringify(summary)),
    ...named(BOARD, board.saved()),
    ...named(IDS, ids),
    ...tables,
  }
}

/** What `sectionsOf` saved. Undefined where a section is missing or not of this version. */
export function loaded(
  sections: Readonly<Record<string, Uint8Array>>,
  key: HashKey,
): { readonly derived: Derived; readonly settings: string | undefined } | undefined {
  const { heads, summary } = sections
  const { digits, forms, known, texts } = unnamed(IDS, sections)
  const [events, families, numbers] = ['events', 'families', 'numbers'].map(name => tableIn(sections[name]))
  if (!events || !families || !numbers || !heads || !summary) return undefined
  if (!digits || !forms || !known || !texts) return undefined
  const parts: DirectoryParts = {
    ids: NumberedTexts.from({ digits, forms, known, texts }),
    heads: new Float64Array(new Uint8Array(heads).buffer),
    families,
    numbers,
    events,
  }
  const derived = new Derived(new Directory(key, parts))
  if (!derived.board.load(unnamed(BOARD, sections))) return undefined
  const { erasures, keysUsed, retiredKeys, settings, sources, states } = JSON.parse(
    Buffer.from(summary).toString(),
  ) as Summary
  derived.states.load(states)
  derived.sourceLog.load(sources)
  derived.keysUsed = keysUsed
  for (const erasure of erasures) derived.erase(erasure)
  for (const key of retiredKeys) derived.retiredKeys.add(key)
  return { derived, settings }
}

const BOARD = 'board.'
const IDS = 'ids.'
const tableIn = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : HashTable.fromBytes(bytes))

/** The sections of one part, its name before theirs. */
export const named = (part: string, sections: object): Sections =>
  Object.fromEntries(Object.entries(sections).map(([name, content]) => [`${part}${name}`, content]))

const unnamed = (part: string, sections: SavedCheckpoint['sections']): SavedCheckpoint['sections'] =>
  Object.fromEntries(
    Object.entries(sections).flatMap(([name, bytes]) =>
      name.startsWith(part) ? [[name.slice(part.length), bytes] as const] : [],
    ),
  )
