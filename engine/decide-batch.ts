// DecideBatch: the events of one turn, judged on top of each other, and their entries as bytes.
// Entries are packed some dozens at a time: judging and packing one event after the other drive each other's code out of the
// processor's caches, and cost a twentieth more. What is too large for the journal, or cannot be packed, shows when others have been judged
// on it: the batch is judged anew, each event packed before the next is judged. So is one in which an event cannot be judged: it
// may stand on another that never will be.
import type { Batch } from './batch.ts'
import { type Need, NotLoaded } from './decide.ts'
import { bytesOf, type Deciding, isAmong, type Judgement, type Sent, type Understood } from './deciding.ts'
import type { EntryFrame } from './journal/journal.ts'
import type { Stirred } from './left-over.ts'
import type { EngineLimits } from './limits.ts'

export interface Undecided extends Sent {
  /** What deciding asked for before. */
  needs: readonly Need[]
}

export interface Decided<Item> {
  readonly item: Item
  readonly judgement: Judgement
}

export interface DecidedBatch<Item> {
  readonly batch: Batch
  readonly decided: readonly Decided<Item>[]
  /** Of all entries of the batch, in their order. */
  readonly frames: readonly EntryFrame[]
  /** Those that something must be loaded for, and those that did not fit: first in the next turn. */
  readonly deferred: readonly Item[]
}

// 32: as good as all 500 of a batch, and 8 MB at most of what comes over HTTP.
const PACKED_TOGETHER = 32

/** What one turn decides: `items`, and what was read of each (`Deciding.triedToRead`). */
export interface Turn<Item> {
  readonly deciding: Deciding
  readonly limits: EngineLimits
  readonly items: readonly Item[]
  readonly understood: readonly (Understood | undefined)[]
}

/** `newBatch` gives one in which nothing has been decided. */
export function decideBatch<Item extends Undecided>(turn: Turn<Item>, newBatch: () => Batch): DecidedBatch<Item> {
  return (
    new Round(turn, newBatch()).decided(PACKED_TOGETHER) ??
    (new Round(turn, newBatch()).decided(1) as DecidedBatch<Item>)
  )
}

/** Families whose events are still to be tried again. */
export const stirredIn = (judgement: Judgement): readonly Stirred[] =>
  'decision' in judgement && judgement.decision.kind === 'entries' ? judgement.decision.rest : NOBODY

const NOBODY: readonly Stirred[] = []

class Round<Item extends Undecided> {
  private readonly turn: Turn<Item>
  private readonly batch: Batch
  private readonly frames: EntryFrame[] = []
  private readonly putOff: { readonly item: Item; readonly need: Need }[] = []
  private bytes = 0
  /** An event cannot be judged on top of the others. */
  private isSpoilt = false

  constructor(turn: Turn<Item>, batch: Batch) {
    this.turn = turn
    this.batch = batch
  }

  /** Undefined where the batch must be judged anew, one by one. */
  decided(together: number): DecidedBatch<Item> | undefined {
    const { items, limits } = this.turn
    const { batch, frames } = this
    const decided: Decided<Item>[] = []
    let next = 0
    while (next < items.length && this.bytes < limits.batchBytesMax) {
      const until = Math.min(items.length, next + together)
      const from = decided.length
      for (; next < until; next++) {
        const judgement = this.judgement(next, together === 1)
        if (judgement !== undefined) decided.push({ item: items[next] as Item, judgement })
        if (this.isSpoilt) return undefined
      }
      if (!this.packed(decided, from)) return undefined
    }
    // Not before: what is judged anew asks for the same again.
    for (const { item, need } of this.putOff) item.needs = [...item.needs, need]
    return { batch, decided, frames, deferred: [...this.putOff.map(({ item }) => item), ...items.slice(next)] }
  }

  /** Undefined when the event is put off until something is loaded. */
  private judgement(index: number, isAlone: boolean): Judgement | undefined {
    const { deciding, items, understood } = this.turn
    const item = items[index] as Item
    try {
      return isAlone
        ? deciding.judgedAlone(this.batch, item, understood[index])
        : deciding.judged(this.batch, item, understood[index])
    } catch (thrown) {
      if (!(thrown instanceof NotLoaded) || isAmong(item.needs, thrown.need)) {
        this.isSpoilt = !isAlone && !deciding.isSetAside(thrown)
        return this.isSpoilt ? undefined : { outcome: deciding.setAside(item.input, thrown) }
      }
      this.putOff.push({ item, need: thrown.need })
      return undefined
    }
  }

  /** Packs what was decided from `from` on. False where the journal would not take it. */
  private packed(decided: readonly Decided<Item>[], from: number): boolean {
    const { deciding, limits } = this.turn
    for (let index = from; index < decided.length; index++) {
      const { judgement } = decided[index] as Decided<Item>
      if (!('decision' in judgement) || judgement.decision.kind !== 'entries') continue
      const frames = judgement.frames ?? deciding.framesFor(judgement.decision.entries)
      if (frames === undefined) return false
      for (const frame of frames) this.frames.push(frame)
      this.bytes += bytesOf(frames)
    }
    return this.bytes <= limits.batchBytesMax + limits.unitBytesMax
  }
}
