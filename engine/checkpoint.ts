// Checkpoint: directory and projections as of a position, so that opening depends on the tail of the journal, not on its
// length. A convenience: whatever is wrong with it, everything is folded again from the journal (architecture.md, Storage 6).
// Sections are written while the engine serves. What must not be folded twice is copied at once; tables are written piece
// by piece, and noting in them again what they hold already changes nothing.
import { bytesOf } from './bytes.ts'
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

// 4,096 ids a piece: joining them holds the loop for well under a millisecond.
const IDS_A_PIECE = 4_096

export function sectionsOf(derived: Derived, settings: string | undefined): Sections {
  const { board, directory, erasures, keysUsed, retiredKeys, sourceLog, states } = derived
  const { events, families, heads, ids, numbers } = directory.parts()
  const rows = ids.size
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
    heads: bytesOf(heads.slice(0, rows)),
    ...Object.fromEntries(Object.entries(board.saved()).map(([name, bytes]) => [`${BOARD}${name}`, bytes])),
    ids: idPieces(ids, rows),
    families: families.parts(),
    numbers: numbers.parts(),
    events: events.parts(),
  }
}

/** What `sectionsOf` saved. Undefined where a section is missing or not of this version. */
export function loaded(
  sections: Readonly<Record<string, Uint8Array>>,
  key: HashKey,
): { readonly derived: Derived; readonly settings: string | undefined } | undefined {
  const { heads, ids, summary } = sections
  const [events, families, numbers] = ['events', 'families', 'numbers'].map(name => tableIn(sections[name]))
  if (!events || !families || !numbers || !heads || !ids || !summary) return undefined
  const parts: DirectoryParts = {
    ids: idsIn(ids),
    heads: new Float64Array(new Uint8Array(heads).buffer),
    families,
    numbers,
    events,
  }
  const derived = new Derived(new Directory(key, parts))
  const board = Object.entries(sections).flatMap(([name, bytes]) =>
    name.startsWith(BOARD) ? [[name.slice(BOARD.length), bytes] as const] : [],
  )
  if (!derived.board.load(Object.fromEntries(board))) return undefined
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
const tableIn = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : HashTable.fromBytes(bytes))

function* idPieces(ids: NumberedTexts, rows: number): Generator<Uint8Array> {
  for (let from = 0; from < rows; from += IDS_A_PIECE) {
    let piece = ''
    // Ids never hold NUL: it ends each.
    for (let row = from; row < Math.min(rows, from + IDS_A_PIECE); row++) piece += `${ids.at(row)}\0`
    yield Buffer.from(piece)
  }
}

function idsIn(bytes: Uint8Array): NumberedTexts {
  const ids = new NumberedTexts()
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let from = 0; from < buffer.length; ) {
    const end = buffer.indexOf(0, from)
    ids.push(buffer.toString('utf8', from, end))
    from = end + 1
  }
  return ids
}
