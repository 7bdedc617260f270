// Teller: tells one reader what its stream has, in frames: as many payloads at a time as there are, and no more before the socket has
// taken the last. What others are told too is made once (channels.ts).
import type { Channel, Payload, Untold } from '../live/channels.ts'
import type { Telling } from '../live/telling.ts'
import { NextFrames } from './next-frames.ts'

export interface Teller<Some extends Untold> {
  /** Id of the operation, as its client named it. */
  readonly id: string
  readonly telling: Telling<Some>
  readonly channel: Channel
  /** JSON text of what is told on `value`. */
  readonly payloadOf: (value: unknown) => Promise<Buffer>
  /** Resolves when the operating system has taken it. */
  readonly send: (frames: Buffer) => Promise<void>
}

// 64 KiB: what a socket's buffer takes at once on most systems.
const WRITE_BYTES = 65_536

/** Resolves when the stream has ended; rejects with why it could not go on. */
export async function tellAll<Some extends Untold>(teller: Teller<Some>): Promise<void> {
  const { channel, id, send, telling } = teller
  const frames = new NextFrames(id)
  let last: Payload | undefined
  for (;;) {
    let cursor = telling.resumeAt
    for (let untold = telling.take(); untold !== undefined; untold = telling.take()) {
      const next = untold
      const payload = channel.payload(next, last, () => made(next, teller))
      last = payload instanceof Promise ? await payload : payload
      if (last.bytes === undefined) continue
      frames.add(last.bytes)
      cursor = next.cursor
      if (frames.bytes >= WRITE_BYTES) break
    }
    if (frames.bytes === 0) {
      if (!(await telling.more())) return
      continue
    }
    const sent = send(frames.take())
    telling.resumeAt = cursor
    await sent
  }
}

async function made<Some extends Untold>(
  untold: Some,
  { payloadOf, telling }: Teller<Some>,
): Promise<Buffer | undefined> {
  const value = await telling.valueFor(untold)
  return value === undefined ? undefined : payloadOf(value)
}
