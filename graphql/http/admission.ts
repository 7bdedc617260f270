// Admission: whether a body is read at all. Reading what is turned away afterwards costs as much as judging half of it, so under
// overload it is the headers that are asked: how long is it, and who sends it.
// Owns:  what was let in and is not answered yet, in bytes, and the pace of late.
// Does not own: what each source may have waiting (engine/inbox.ts, which sees the events), how late the loop is (pressure.ts).
//   H20  A body is let in while what was let in before it will be answered in time, at the pace of late; and is not too much to hold.
//   H21  One sender has at most its share of that room: as much as each would have if one more came. Who has nothing in it comes in
//       as long as there is any; who has something leaves some. Who has one body in it may have a second whatever its share, so that
//       there is work at hand when the first is answered, however large its events are.
//   H23  A body that takes its time to arrive holds no room meanwhile: slow clients keep nobody out.
import type { Limits } from '../limits.ts'

export interface Body {
  /** Who sends it, as far as the headers tell. */
  readonly sender: string
  readonly bytes: number
  /** Whether all of it has arrived. */
  readonly isWhole: () => boolean
}

export interface Admitted {
  /** Its events were judged. Only such bodies tell the pace: what was refused at a glance would make it look fast. */
  judged(): void
  /** It was answered, or its client is gone. Calling it again changes nothing. */
  end(): void
}

interface Held extends Body {
  readonly sinceMs: number
  isJudged: boolean
}

// The pace is that of the last twenty bodies or so.
const PACE_KEPT = 0.95
// What is supposed of it at first counts as much as two batches; the first few show.
const SUPPOSED_MS = 50

export class Admission {
  readonly #limits: Limits
  readonly #now: () => number
  /** Oldest first; a body is in it until it has been answered, or holds no room any more. */
  readonly #held = new Set<Held>()
  readonly #of = new Map<string, { readonly bodies: number; readonly bytes: number }>()
  #bytes = 0
  readonly #pace: { bytes: number; ms: number }
  /** When the last of them was answered, or the first came in after there was none. */
  #lastMs = 0

  /** `now` is a clock in milliseconds that never goes back. */
  constructor(limits: Limits, now: () => number) {
    this.#limits = limits
    this.#now = now
    this.#pace = { bytes: limits.paceBytesPerMs * SUPPOSED_MS, ms: SUPPOSED_MS }
  }

  /** Undefined when it is to be turned away. */
  admit(body: Body): Admitted | undefined {
    const nowMs = this.#now()
    this.#letGoOfSlow(nowMs)
    if (!this.#hasRoom(body)) return undefined
    if (this.#held.size === 0) this.#lastMs = nowMs
    const held: Held = { ...body, sinceMs: nowMs, isJudged: false }
    this.#held.add(held)
    this.#count(held.sender, 1, held.bytes)
    return {
      judged() {
        held.isJudged = true
      },
      end: () => this.#end(held),
    }
  }

  /** Bytes that are let in and not answered yet. */
  get bytes(): number {
    return this.#bytes
  }

  #hasRoom({ bytes, sender }: Body): boolean {
    const room = this.#room()
    const own = this.#of.get(sender)
    if (own === undefined) return this.#bytes < room
    return this.#bytes + bytes < room && (own.bodies === 1 || own.bytes + bytes <= room / (this.#of.size + 1))
  }

  #room(): number {
    const { admittedBytesMax, admittedBytesMin, admittedWaitMsMax } = this.#limits
    const { bytes, ms } = this.#pace
    return Math.min(admittedBytesMax, Math.max(admittedBytesMin, (bytes / ms) * admittedWaitMsMax))
  }

  #letGoOfSlow(nowMs: number): void {
    const latestMs = nowMs - this.#limits.arrivalMsMax
    for (const held of this.#held) {
      if (held.sinceMs > latestMs) return
      if (!held.isWhole()) this.#release(held)
    }
  }

  #end(held: Held): void {
    if (!this.#release(held) || !held.isJudged) return
    const nowMs = this.#now()
    this.#pace.bytes = this.#pace.bytes * PACE_KEPT + held.bytes
    this.#pace.ms = this.#pace.ms * PACE_KEPT + (nowMs - this.#lastMs)
    this.#lastMs = nowMs
  }

  #release(held: Held): boolean {
    if (!this.#held.delete(held)) return false
    this.#count(held.sender, -1, -held.bytes)
    return true
  }

  #count(sender: string, bodies: number, bytes: number): void {
    this.#bytes += bytes
    const own = this.#of.get(sender)
    const count = (own?.bodies ?? 0) + bodies
    if (count === 0) this.#of.delete(sender)
    else this.#of.set(sender, { bodies: count, bytes: (own?.bytes ?? 0) + bytes })
  }
}
