// Channels: readers who ask the same are on one channel. What they are told is made once, and the same bytes go to all of them.
// Owns:  payloads that another reader may still want, within `bytesMax` over all channels.
// Does not own: who has been told what (each reader's stream), sockets.
//   B6  A payload is shared by readers of one channel who may be told the same: the same thing, standing for as many entries,
//       with the same cursor to resume at.
//   B7  A reader is told nothing whose making began before that of what it was told last had ended: what it sees never goes back.
//   B8  What was let go of is made again for whoever still wants it.

/** What a reader has not been told yet. */
export interface Untold {
  readonly what: object
  /** Entries it stands for. */
  readonly entries: number
  readonly cursor: string
}

export interface Payload {
  /** Undefined where there is nothing to tell. */
  readonly bytes: Buffer | undefined
  /** When its making began and ended, by the channel's own count. */
  readonly began: number
  readonly ended: number
}

// 8 MB are thousands of payloads of everyday operations; readers are told within a turn or two of each other.
const BYTES_MAX = 8 * 1024 * 1024

export class Channels {
  private readonly byKey = new Map<string, Channel>()
  private readonly shelf: Shelf

  constructor(bytesMax = BYTES_MAX) {
    this.shelf = new Shelf(bytesMax)
  }

  /** Joins those who give the same key; whoever does must make the same payloads. To be left again. */
  join(key: string): Channel {
    const channel = this.byKey.get(key) ?? new Channel(this.shelf, () => void this.byKey.delete(key))
    this.byKey.set(key, channel)
    channel.readers++
    return channel
  }

  /** What was made and kept is made again for whoever still wants it: an erasure makes it untrue. */
  clear(): void {
    this.shelf.clear()
  }
}

interface Making {
  readonly untold: Untold
  readonly began: number
  payload: Payload | Promise<Payload>
}

export class Channel {
  readers = 0
  private readonly makings = new Map<object, Making>()
  private readonly shelf: Shelf
  private readonly forget: () => void
  private count = 0

  constructor(shelf: Shelf, forget: () => void) {
    this.shelf = shelf
    this.forget = forget
  }

  /** The payload of `untold` for a reader who was told `last` before: one that is there, or one that `make` makes now. */
  payload(
    untold: Untold,
    last: Payload | undefined,
    make: () => Promise<Buffer | undefined>,
  ): Payload | Promise<Payload> {
    const known = this.makings.get(untold.what)
    if (known !== undefined && isSame(known.untold, untold) && known.began > (last?.ended ?? 0)) return known.payload
    const began = ++this.count
    const payload = make().then(bytes => ({ bytes, began, ended: ++this.count }))
    if (this.readers > 1) this.keep({ untold, began, payload }, payload)
    return payload
  }

  leave(): void {
    if (--this.readers > 0) return
    this.forget()
    this.makings.clear()
    this.shelf.drop(this)
  }

  private keep(making: Making, payload: Promise<Payload>): void {
    const { what } = making.untold
    const letGo = () => {
      if (this.makings.get(what) === making) this.makings.delete(what)
    }
    this.makings.set(what, making)
    payload.then(made => {
      making.payload = made
      if (this.makings.get(what) === making) this.shelf.keep({ channel: this, bytes: made.bytes?.length ?? 0, letGo })
    }, letGo)
  }
}

const isSame = (a: Untold, b: Untold): boolean => a.entries === b.entries && a.cursor === b.cursor

interface Kept {
  readonly channel: Channel
  readonly bytes: number
  readonly letGo: () => void
}

// What a kept payload takes beside its bytes, roughly.
const KEPT_BYTES = 300

/** What all channels keep. The oldest is let go of when it is too much. */
class Shelf {
  private readonly kept = new Set<Kept>()
  private readonly bytesMax: number
  private bytes = 0

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  keep(kept: Kept): void {
    this.kept.add(kept)
    this.bytes += kept.bytes + KEPT_BYTES
    for (const oldest of this.kept) {
      if (this.bytes <= this.bytesMax) return
      this.letGo(oldest)
    }
  }

  /** Nobody listens to `channel` any more. */
  drop(channel: Channel): void {
    for (const each of this.kept) if (each.channel === channel) this.letGo(each)
  }

  clear(): void {
    for (const each of this.kept) this.letGo(each)
  }

  private letGo(kept: Kept): void {
    this.kept.delete(kept)
    this.bytes -= kept.bytes + KEPT_BYTES
    kept.letGo()
  }
}
