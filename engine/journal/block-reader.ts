// BlockReader: reads a segment's blocks one after another and verifies each: its bytes, and that it follows the one before.
// It stops where that no longer holds and says why; whether that is the end, a torn write or damage is for walk.ts to say.
import {
  BLOCK_HEADER_BYTES,
  type BlockHeader,
  blockVerifies,
  type ChainEnd,
  decodeBlockHeader,
  JOURNAL_FORMAT,
  sameBytes,
} from './codec.ts'
import { type OpenFile, readUpTo } from './files.ts'

// 2 MiB: two of the largest blocks, so that little is read twice at the seams.
const SLICE_BYTES = 2 * 1024 * 1024

export interface Block {
  readonly header: BlockHeader
  /** Bytes read, many blocks of them, and where in them this one starts. */
  readonly bytes: Uint8Array
  readonly at: number
  /** Where in the file it starts. */
  readonly offset: number
}

export interface Stop {
  readonly offset: number
  /** `end`: all of the range was read. `no_header`: none there, or a broken one. `unlinked`: whole, but not the next one. */
  readonly kind: 'end' | 'no_header' | 'bad_payload' | 'unlinked' | 'too_new'
}

export class BlockReader {
  readonly #range: { readonly file: OpenFile; readonly to: number; readonly storeId: Uint8Array }
  #offset: number
  #chain: ChainEnd | undefined
  /** First position of a commit whose closing block has not come yet. */
  #openCommit: number | undefined
  #stop: Stop | undefined

  /** Blocks from offset `from`, a block's start, up to `to`. `after` undefined: whatever comes first is taken as linked. */
  constructor(range: {
    readonly file: OpenFile
    readonly storeId: Uint8Array
    readonly from: number
    readonly to: number
    readonly after: ChainEnd | undefined
  }) {
    this.#range = range
    this.#offset = range.from
    this.#chain = range.after
  }

  /** Where and why reading stopped; undefined before. */
  get stop(): Stop | undefined {
    return this.#stop
  }

  /** First position of the commit that is not closed yet. */
  get openCommit(): number | undefined {
    return this.#openCommit
  }

  /** The next blocks, at least one; undefined once stopped. */
  async next(): Promise<readonly Block[] | undefined> {
    const { file, to } = this.#range
    let wanted = SLICE_BYTES
    while (this.#stop === undefined) {
      const from = this.#offset
      const bytes = await readUpTo(file, from, Math.min(wanted, to - from))
      const blocks = this.#take(bytes, from)
      if (blocks.length > 0) return blocks
      if (this.#stop !== undefined) break
      // Not a whole block in the slice. Once there is no more of the file to read, there never will be.
      if (bytes.length < wanted) this.#stop = { offset: from, kind: bytes.length === 0 ? 'end' : 'bad_payload' }
      wanted *= 2
    }
    return undefined
  }

  #take(bytes: Uint8Array, base: number): Block[] {
    const blocks: Block[] = []
    let at = 0
    while (bytes.length - at >= BLOCK_HEADER_BYTES) {
      const offset = base + at
      const header = decodeBlockHeader(bytes, at)
      const kind = header === undefined ? 'no_header' : this.#unlinked(header)
      if (header !== undefined && kind === undefined && at + header.extentBytes > bytes.length) break
      if (header === undefined || kind !== undefined || !blockVerifies(bytes, at, header)) {
        this.#stop = { offset, kind: kind ?? 'bad_payload' }
        break
      }
      blocks.push({ header, bytes, at, offset })
      this.#link(header)
      at += header.extentBytes
      this.#offset = base + at
    }
    return blocks
  }

  #unlinked(header: BlockHeader): 'unlinked' | 'too_new' | undefined {
    const chain = this.#chain
    if (header.format > JOURNAL_FORMAT) return 'too_new'
    if (!sameBytes(header.storeId, this.#range.storeId)) return 'unlinked'
    if (chain === undefined) return undefined
    const next = chain.position + 1
    const follows = header.first === next && header.commitFirst === (this.#openCommit ?? next)
    return follows && sameBytes(header.previousHash, chain.hash) ? undefined : 'unlinked'
  }

  #link(header: BlockHeader): void {
    const position = header.first + header.count - 1
    this.#chain = { position, hash: header.hash, recordedMs: header.recordedMs }
    this.#openCommit = header.closes ? undefined : header.commitFirst
  }
}
