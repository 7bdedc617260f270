// Marks: the little that conditions need of a family's past and no context remembers: when the order was accepted, since when
// its credit is open, when transport was heard last, what stands refused. Folded from entries, in order of position; each
// entry counts once. Some hundred bytes; of what was refused nothing is kept until something is.
import type { ActorKey, Place } from '../../machines/ids.ts'
import { earlierPlace, laterPlace } from '../../machines/ids.ts'
import { discardedBy, isFact, type JournalEntry } from '../entry.ts'
import { Handlings } from './handling.ts'
import {
  isJudgedAgain,
  mayStand,
  NOTHING_REFUSED,
  Refusals,
  type RefusedEvent,
  type SavedRefusals,
} from './refusals.ts'

const SCANS: ReadonlySet<string> = new Set([
  'shipment.in_transit',
  'shipment.out_for_delivery',
  'shipment.delayed',
  'delivery.attempted',
])

/** When transport was last heard of a shipment. */
interface Scan {
  readonly actor: ActorKey
  readonly place: Place
}

const NO_SCANS: readonly Scan[] = []

export class Marks {
  acceptedPlace: Place | undefined
  /** The latest payment. */
  paidPlace: Place | undefined
  /** What people did about exceptions. */
  readonly handlings = new Handlings()
  /** Position of the last entry folded. */
  position = 0
  private approvals: readonly Place[] = []
  private lastHold: Place | '' = ''
  private lastFact: Place | '' = ''
  /** Facts up to here came before anything was refused, and are not among those that put refusals right. */
  private unnotedUntil: Place | '' = ''
  private scans: readonly Scan[] = NO_SCANS
  private refusals: Refusals | undefined

  /** Folds one entry of the family. False when the entries before it are needed: these marks hold for nothing then. */
  fold(entry: JournalEntry): boolean {
    if (entry.position <= this.position) return true
    this.position = entry.position
    this.handlings.fold(entry)
    const discarded = discardedBy(entry)
    if (discarded !== undefined) this.refusals?.letGo(discarded)
    // What comes behind all facts can have been put right by none of them: they need not be known.
    if (mayStand(entry) && !isJudgedAgain(entry)) {
      if (this.refusals === undefined) {
        this.unnotedUntil = this.lastFact
        this.refusals = new Refusals()
      }
      if (entry.place < this.unnotedUntil) return false
    }
    const actors = actorsOf(entry)
    this.refusals?.fold(entry, actors)
    if (isFact(entry)) this.noteFact(actors, entry)
    return true
  }

  /** Since when credit has been open: the first approval after the last hold. Undefined while it is not. */
  creditOpenPlace(): Place | undefined {
    let first: Place | undefined
    for (const place of this.approvals)
      if (place > this.lastHold && (first === undefined || place < first)) first = place
    return first
  }

  /** When transport was last heard of a shipment. */
  lastScan(actor: ActorKey): Place | undefined {
    for (const scan of this.scans) if (scan.actor === actor) return scan.place
    return undefined
  }

  /** By place. An event stands refused until it counts after all, is corrected, or its source says the like again rightly. */
  standingRefusals(): readonly RefusedEvent[] {
    return this.refusals?.standing() ?? NOTHING_REFUSED
  }

  /** Undefined where people did something about it: few have that, and are read again. */
  saved(): SavedMarks | undefined {
    if (!this.handlings.isEmpty) return undefined
    const { acceptedPlace, approvals, lastFact, lastHold, paidPlace, position, refusals, scans, unnotedUntil } = this
    const plain = { acceptedPlace, approvals, lastFact, lastHold, paidPlace, position, scans, unnotedUntil }
    return { ...plain, refusals: refusals?.saved() }
  }

  static from({ approvals, refusals, scans, ...plain }: SavedMarks): Marks {
    const marks = Object.assign(new Marks(), plain)
    marks.approvals = approvals
    marks.scans = scans
    marks.refusals = refusals && new Refusals(refusals)
    return marks
  }

  /** The marks of a family from all its entries, oldest first. */
  static of(entries: Iterable<JournalEntry>): Marks {
    const marks = new Marks()
    marks.refusals = new Refusals()
    for (const entry of entries) marks.fold(entry)
    return marks
  }

  private noteFact(actors: readonly ActorKey[], { event: { type }, place }: JournalEntry): void {
    this.lastFact = laterPlace(this.lastFact, place)
    if (type === 'order.accepted') this.acceptedPlace = earlierPlace(this.acceptedPlace, place)
    else if (type === 'credit.held') this.lastHold = laterPlace(this.lastHold, place)
    else if (type === 'credit.approved' || type === 'credit.released') this.approvals = [...this.approvals, place]
    else if (type === 'payment.received') this.paidPlace = laterPlace(this.paidPlace ?? place, place)
    else if (SCANS.has(type)) for (const actor of actors) this.noteScan(actor, place)
  }

  private noteScan(actor: ActorKey, place: Place): void {
    const known = this.lastScan(actor)
    if (known !== undefined && known >= place) return
    this.scans = [...this.scans.filter(scan => scan.actor !== actor), { actor, place }]
  }
}

/** As JSON has it. */
export interface SavedMarks {
  readonly acceptedPlace: Place | undefined
  readonly approvals: readonly Place[]
  readonly lastFact: Place | ''
  readonly lastHold: Place | ''
  readonly paidPlace: Place | undefined
  readonly position: number
  readonly scans: readonly Scan[]
  readonly unnotedUntil: Place | ''
  readonly refusals: SavedRefusals | undefined
}

/** Whom an entry is about. */
export const actorsOf = ({ actors, changes }: JournalEntry): readonly ActorKey[] =>
  actors.length > 0 ? actors : changes.slice(0, 1).map(change => change.key)
