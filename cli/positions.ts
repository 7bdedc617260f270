// Positions: a set of them, one bit each: of 15 million entries 2 MB.

export class Positions {
  private readonly bits: Uint8Array

  /** For positions up to `last`; what lies behind it is never in the set. */
  constructor(last: number) {
    this.bits = new Uint8Array(Math.floor(last / 8) + 1)
  }

  has(position: number): boolean {
    return ((this.bits[Math.floor(position / 8)] ?? 0) & bitOf(position)) !== 0
  }

  add(position: number): void {
    const at = Math.floor(position / 8)
    if (at < this.bits.length) this.bits[at] = (this.bits[at] as number) | bitOf(position)
  }

  /** Whether it was there. */
  delete(position: number): boolean {
    if (!this.has(position)) return false
    const at = Math.floor(position / 8)
    this.bits[at] = (this.bits[at] as number) & ~bitOf(position)
    return true
  }
}

const bitOf = (position: number): number => 1 << (position % 8)
