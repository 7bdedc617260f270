// SparseIndex: where in a segment an entry is, to within 16 KB. One point per 16 KB, at a frame's start; what lies between
// is found by walking frame lengths. A point also tells what a reader who starts mid-block needs of the block's header.
import { readUint48, viewOf, writeUint48 } from './codec.ts'

// 16 KiB, some fifty entries: a repeated event has its first one read, and nothing else of it; the index stays at two
// thousandths of the journal.
export const POINT_SPACING_BYTES = 16 * 1024

const POINT_BYTES = 26

export interface IndexPoint {
  readonly position: number
  /** Offset of its frame in the segment file. */
  readonly offset: number
  readonly blockOffset: number
  /** Last position of its block. */
  readonly blockLast: number
  readonly recordedMs: number
}

export class SparseIndex {
  readonly #points: IndexPoint[] = []

  get count(): number {
    return this.#points.length
  }

  /** Hears of every frame in order of position, and keeps one per POINT_SPACING_BYTES. */
  note(
    position: number,
    offset: number,
    block: { readonly offset: number; readonly last: number; readonly recordedMs: number },
  ): void {
    const last = this.#points.at(-1)
    if (last !== undefined && offset - last.offset < POINT_SPACING_BYTES) return
    this.#points.push({
      position,
      offset,
      blockOffset: block.offset,
      blockLast: block.last,
      recordedMs: block.recordedMs,
    })
  }

  /** Forgets all points but the first `count`: what they told of never became durable. */
  truncate(count: number): void {
    this.#points.length = count
  }

  at(index: number): IndexPoint | undefined {
    return this.#points[index]
  }

  /** Index of the last point at or before `position`; -1 when there is none. */
  find(position: number): number {
    let low = 0
    let high = this.#points.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#points[middle]!.position <= position) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#points.length * POINT_BYTES)
    const view = viewOf(bytes)
    for (const [index, point] of this.#points.entries()) {
      const at = index * POINT_BYTES
      writeUint48(view, at, point.position)
      view.setUint32(at + 6, point.offset, true)
      view.setUint32(at + 10, point.blockOffset, true)
      writeUint48(view, at + 14, point.blockLast)
      writeUint48(view, at + 20, point.recordedMs)
    }
    return bytes
  }

  static fromBytes(bytes: Uint8Array): SparseIndex {
    const index = new SparseIndex()
    const view = viewOf(bytes)
    for (let at = 0; at + POINT_BYTES <= bytes.length; at += POINT_BYTES) {
      index.#points.push({
        position: readUint48(view, at),
        offset: view.getUint32(at + 6, true),
        blockOffset: view.getUint32(at + 10, true),
        blockLast: readUint48(view, at + 14),
        recordedMs: readUint48(view, at + 20),
      })
    }
    return index
  }
}
