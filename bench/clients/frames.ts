// WebSocket frames, as far as a subscriber that only counts needs them (RFC 6455): whole text messages and pings. What a
// client spends on reading is not there for the server on the same machine.

export const TEXT = 1
export const CLOSE = 8
export const PING = 9
export const PONG = 10

export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
}

/** Bytes in, frames out; servers send no masks, and ours no fragments. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)

  read(chunk: Buffer): readonly Frame[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const frames: Frame[] = []
    let at = 0
    for (;;) {
      const head = headAt(bytes, at)
      if (head === undefined || bytes.length < head.from + head.length) break
      const payload = bytes.subarray(head.from, head.from + head.length)
      frames.push({ opcode: (bytes[at] as number) & 0x0f, payload })
      at = head.from + head.length
    }
    this.#rest = bytes.subarray(at)
    return frames
  }
}

/** Where the payload of the frame at `at` begins and how long it is; undefined while that cannot be told. */
function headAt(bytes: Buffer, at: number): { readonly from: number; readonly length: number } | undefined {
  if (bytes.length < at + 2) return undefined
  const short = (bytes[at + 1] as number) & 0x7f
  if (short < 126) return { from: at + 2, length: short }
  const long = short === 126 ? 2 : 8
  if (bytes.length < at + 2 + long) return undefined
  const length = short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
  return { from: at + 2 + long, length }
}

/** A client's frame. Its mask is all zeros: the rule is kept and nothing is spent. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  const head = length < 126 ? Buffer.alloc(6) : Buffer.alloc(8)
  head[0] = 0x80 | opcode
  head[1] = 0x80 | Math.min(length, 126)
  if (length >= 126) head.writeUInt16BE(length, 2)
  return Buffer.concat([head, payload])
}
