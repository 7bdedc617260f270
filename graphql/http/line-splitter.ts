// LineSplitter: cuts a stream of chunks into whole lines, however long the stream.
// Owns:  the unfinished line, at most `lineBytesMax` + 1 bytes of it. What exceeds that is thrown away up to the line's
//        end, so that an endless line costs no memory and still arrives as one line that is visibly too long.

const NEWLINE = 0x0a
const FIRST_CAPACITY = 1024

export class LineSplitter {
  readonly #keepMax: number
  #unfinished = Buffer.alloc(0)
  #kept = 0

  constructor(lineBytesMax: number) {
    this.#keepMax = lineBytesMax + 1
  }

  /** Whole lines, each with its newline; undefined when `chunk` completes none. */
  push(chunk: Buffer): Buffer | undefined {
    const end = chunk.lastIndexOf(NEWLINE) + 1
    const lines = end === 0 ? undefined : this.#wholeLines(chunk, end)
    this.#keep(chunk.subarray(end))
    return lines
  }

  /** The last line, where the stream did not end with a newline. */
  rest(): Buffer | undefined {
    return this.#kept === 0 ? undefined : this.#unfinished.subarray(0, this.#kept)
  }

  #wholeLines(chunk: Buffer, end: number): Buffer {
    if (this.#kept === 0) return chunk.subarray(0, end)
    const first = chunk.indexOf(NEWLINE)
    this.#keep(chunk.subarray(0, first))
    const lines = Buffer.concat([this.#unfinished.subarray(0, this.#kept), chunk.subarray(first, end)])
    this.#unfinished = Buffer.alloc(0)
    this.#kept = 0
    return lines
  }

  #keep(bytes: Buffer): void {
    const part = bytes.subarray(0, this.#keepMax - this.#kept)
    const needed = this.#kept + part.length
    if (needed > this.#unfinished.length) this.#grow(needed)
    part.copy(this.#unfinished, this.#kept)
    this.#kept = needed
  }

  // Doubled each time, so that a line arriving byte by byte is copied a bounded number of times.
  #grow(needed: number): void {
    const grown = Buffer.allocUnsafe(Math.max(needed, FIRST_CAPACITY, this.#unfinished.length * 2))
    this.#unfinished.copy(grown, 0, 0, this.#kept)
    this.#unfinished = grown
  }
}
