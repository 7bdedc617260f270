// FamilyReplay: all families replayed, few of them in memory at a time. A family is there from its first entry to its last, where
// its snapshot is compared with what its entries gave; for those there is no room for, the journal is read once more. Which entry is
// a family's last is known beforehand: the one that no other names as the one before it.
// Does not own: whether each entry follows its family's last (verify-families.ts). Only where all do, nothing is missed here.
import type { Directory } from '../engine/directory.ts'
import { applied, type JournalEntry, retirementIn } from '../engine/entry.ts'
import { EVENT_ENTRY, REMNANT_ENTRY, unpackEntry } from '../engine/entry-codec.ts'
import { withPosition } from '../engine/families.ts'
import { emptyFamily, type Family } from '../engine/family.ts'
import { packFamily } from '../engine/family-codec.ts'
import type { Journal } from '../engine/journal/journal.ts'
import { isSame } from '../engine/packing/same.ts'
import type { FamilyStore } from '../engine/snapshots/family-store.ts'
import { familyKey } from '../engine/snapshots/keys.ts'
import { Positions } from './positions.ts'

/** A family as its entries so far give it, and where they are. */
interface Replayed {
  readonly family: Family
  readonly positions: number[] | undefined
}

export interface ReplayOptions {
  readonly journal: Journal
  /** Knows each family from its first entry on. */
  readonly directory: Directory
  /** Undefined where there are no snapshots to compare. */
  readonly store: FamilyStore | undefined
  /** Families in memory between their first entries and their last, at least one. */
  readonly liveFamiliesMax: number
}

export class FamilyReplay {
  /** How many snapshots are of their family's last entry, and what its entries give. */
  current = 0
  /** What is wrong with the first snapshot that is not as it should be; undefined while all are. */
  wrongSnapshot: string | undefined
  private readonly options: ReplayOptions
  private readonly followed: Positions
  private readonly live = new Map<string, Replayed>()
  /** As their last entries left them, not compared yet. */
  private readonly ended: Replayed[] = []
  /** Entries of families for whom there was no room. */
  private readonly later: Positions
  private firstLater: number | undefined

  private constructor(options: ReplayOptions, followed: Positions) {
    this.options = options
    this.followed = followed
    this.later = new Positions(options.journal.head().position)
  }

  /** Reads the journal once, for which entries are the last of their families. */
  static async over(options: ReplayOptions): Promise<FamilyReplay> {
    return new FamilyReplay(options, await followedIn(options.journal))
  }

  /** Replays the next entry, now or, where there is no room for its family, when `rest` is called. What is wrong with it. */
  take(entry: JournalEntry): string | undefined {
    const { family: id, position, previous } = entry
    const known = this.live.get(id)
    if (known === undefined && (this.live.size >= this.options.liveFamiliesMax || this.later.has(previous))) {
      this.putOff(position)
      return undefined
    }
    const family = known?.family ?? emptyFamily(id)
    // Little is left of the entries between the two; what they came to stands in the retirement.
    const isHollow = previous !== family.head
    const flaw = isHollow ? undefined : brokenVersion(family, entry)
    const after = isHollow && retirementIn(entry) === undefined ? family : applied(family, entry)
    const positions = withPosition(known?.positions, entry)
    if (this.followed.has(position)) this.live.set(id, { family: after, positions })
    else {
      this.live.delete(id)
      if (after.head === position) this.ended.push({ family: after, positions })
    }
    return flaw
  }

  /** Compares the snapshots of those that have ended since. */
  async compare(): Promise<void> {
    const { directory, store } = this.options
    const ended = this.ended.splice(0)
    const stored = await store?.readMany(ended.map(({ family }) => familyKey(directory.row(family.id))))
    for (const [index, { family, positions }] of ended.entries()) {
      const snapshot = stored?.[index]
      if (snapshot === undefined || snapshot.head < family.head) continue
      if (snapshot.head > family.head)
        this.wrongSnapshot ??= `snapshot of ${family.id} is of position ${snapshot.head}, its last entry is ${family.head}`
      else if (Buffer.compare(snapshot.bytes, packFamily(family)) !== 0)
        this.wrongSnapshot ??= `snapshot of ${family.id} is not what its ${family.head} entries give`
      else if (snapshot.earlier !== undefined && !isSame([...snapshot.earlier, snapshot.head], positions))
        this.wrongSnapshot ??= `snapshot of ${family.id} does not say where its entries are`
      else this.current++
    }
  }

  /** Replays those for whom there was no room, as many passes as it takes. What is wrong first. */
  async rest(): Promise<string | undefined> {
    while (this.firstLater !== undefined) {
      const from = this.firstLater - 1
      this.firstLater = undefined
      // Who has not ended never will (a retirement is half done): it would keep the room for good.
      this.live.clear()
      for await (const frames of this.options.journal.scan(from)) {
        for (const frame of frames) {
          const flaw = this.later.delete(frame.position) ? this.take(unpackEntry(frame)) : undefined
          if (flaw !== undefined) return `position ${frame.position}: ${flaw}`
        }
        await this.compare()
      }
    }
    return undefined
  }

  private putOff(position: number): void {
    this.later.add(position)
    this.firstLater ??= position
  }
}

async function followedIn(journal: Journal): Promise<Positions> {
  const followed = new Positions(journal.head().position)
  for await (const frames of journal.scan(0))
    for (const { kind, previous } of frames) if (kind === EVENT_ENTRY || kind === REMNANT_ENTRY) followed.add(previous)
  return followed
}

function brokenVersion({ actors, id }: Family, { changes }: JournalEntry): string | undefined {
  for (const change of changes) {
    const actor = actors.get(change.key)
    const version = actor?.version ?? 0
    // An actor carried over to another chart without being moved keeps its version (E11).
    const isCarriedOver = actor !== undefined && change.isWhole && change.chart !== actor.chart
    if (change.version === version + 1 || (isCarriedOver && change.version === version)) continue
    return `${id} ${change.key} was at version ${version}, the entry makes it ${change.version}`
  }
  return undefined
}
