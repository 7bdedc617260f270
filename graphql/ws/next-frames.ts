// `next` messages of one operation as WebSocket frames (RFC 6455), gathered so that one write takes them all. The payload's bytes are
// shared with everybody who is told the same; only what goes around them is each reader's own.

const TEXT_FINAL = 0x81
const SHORT_MAX = 125
const MEDIUM_MAX = 0xffff
const HEAD_BYTES_MAX = 10
const END = Buffer.from('}')

export class NextFrames {
  private readonly start: Buffer
  private payloads: Buffer[] = []
  private size = 0

  constructor(id: string) {
    this.start = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`)
  }

  get bytes(): number {
    return this.size
  }

  /** `payload` is the JSON text of an execution result. */
  add(payload: Buffer): void {
    this.payloads.push(payload)
    this.size += payload.length
  }

  /** All that was added, as frames; nothing is left. */
  take(): Buffer {
    const { payloads, start } = this
    const around = start.length + END.length
    const frames = Buffer.allocUnsafe(this.size + payloads.length * (HEAD_BYTES_MAX + around))
    let at = 0
    for (const payload of payloads) {
      at = writeHead(frames, at, payload.length + around)
      at += start.copy(frames, at)
      at += payload.copy(frames, at)
      at += END.copy(frames, at)
    }
    this.payloads = []
    this.size = 0
    return frames.subarray(0, at)
  }
}

/** The head of a whole, unmasked text message of `length` bytes. Returns where its text begins. */
function writeHead(frames: Buffer, at: number, length: number): number {
  frames[at] = TEXT_FINAL
  if (length <= SHORT_MAX) {
    frames[at + 1] = length
    return at + 2
  }
  if (length <= MEDIUM_MAX) {
    frames[at + 1] = 126
    return frames.writeUInt16BE(length, at + 2)
  }
  frames[at + 1] = 127
  return frames.writeBigUInt64BE(BigInt(length), at + 2)
}
