// Texts: which word a text is, and which of those that came before in a body. Found by a few letters of each: hashing whole texts
// costs more than comparing the one that is found.
import { REPEATED_LENGTH_MIN, REPEATS_MAX } from './tags.ts'
import { WORDS } from './words.ts'

/** A number of 32 bits by length, first, middle and last letter. Of no empty text. */
export function letterHash(text: string): number {
  const { length } = text
  const ends = text.charCodeAt(0) + text.charCodeAt(length - 1) * 0x101 + text.charCodeAt(length >> 1) * 0x1_0205
  return Math.imul(ends + length * 0x61_0001, 0x9e3779b1)
}

// Letter by letter up to here: calling out for more of them costs as much as these.
export const LETTERS_MAX = 128
const SLASH = 0x2f

/** Where the last slash of a text is; below 0 where there is none. */
export function lastSlash(text: string): number {
  if (text.length > LETTERS_MAX) return text.lastIndexOf('/')
  let at = text.length - 1
  while (at >= 0 && text.charCodeAt(at) !== SLASH) at--
  return at
}

const slotOf = (hash: number, bits: number): number => hash >>> (32 - bits)

/** The numbers of a list of texts, where most texts asked for are in it or meet an empty slot. */
export class TextNumbers {
  private readonly texts: readonly string[]
  private readonly bits: number
  private readonly slots: Int16Array

  constructor(texts: readonly string[], bits: number) {
    this.texts = texts
    this.bits = bits
    this.slots = new Int16Array(1 << bits).fill(-1)
    for (const [number, text] of texts.entries()) {
      let slot = slotOf(letterHash(text), bits)
      while (this.slots[slot] !== -1) slot = (slot + 1) & (this.slots.length - 1)
      this.slots[slot] = number
    }
  }

  /** The place of `text` in the list; -1 where it is not in it. `hash`: its letterHash. */
  of(text: string, hash: number): number {
    let slot = slotOf(hash, this.bits)
    for (;;) {
      const number = this.slots[slot] as number
      if (number === -1 || this.texts[number] === text) return number
      slot = (slot + 1) & (this.slots.length - 1)
    }
  }
}

// 4,096 slots for some 330 words.
const words = new TextNumbers(WORDS, 12)
export const wordNumber = (text: string, hash: number): number => words.of(text, hash)

// 512 slots for at most 128 texts.
const REPEAT_SLOT_BITS = 9
const REPEAT_SLOTS = 1 << REPEAT_SLOT_BITS

/** The texts of one body that may be named again. Beginning the next body forgets them by a number that grows. */
export class Repeats {
  private readonly texts = new Array<string>(REPEATS_MAX).fill('')
  private count = 0
  private readonly slots = new Uint8Array(REPEAT_SLOTS)
  /** In which body each slot was filled. */
  private readonly bodies = new Float64Array(REPEAT_SLOTS)
  private body = 0

  begin(): void {
    this.body++
    this.count = 0
  }

  /** The place of `text` among those that came before; -1 where it did not. */
  placeOf(text: string, hash: number): number {
    let slot = slotOf(hash, REPEAT_SLOT_BITS)
    while (this.bodies[slot] === this.body) {
      const place = this.slots[slot] as number
      if (this.texts[place] === text) return place
      slot = (slot + 1) & (REPEAT_SLOTS - 1)
    }
    return -1
  }

  /** Keeps a text that is not kept yet, where it is long enough and there is room. */
  keep(text: string, hash: number): void {
    const place = this.count
    if (text.length < REPEATED_LENGTH_MIN || place >= REPEATS_MAX) return
    this.texts[place] = text
    this.count++
    let slot = slotOf(hash, REPEAT_SLOT_BITS)
    while (this.bodies[slot] === this.body) slot = (slot + 1) & (REPEAT_SLOTS - 1)
    this.bodies[slot] = this.body
    this.slots[slot] = place
  }
}

/** How many letters at their ends two texts share; never half of a letter that UTF-16 has in two. */
export function endingLength(text: string, other: string): number {
  const most = Math.min(text.length, other.length)
  let length = 0
  while (length < most && text.charCodeAt(text.length - 1 - length) === other.charCodeAt(other.length - 1 - length))
    length++
  const isHalf = length > 0 && (text.charCodeAt(text.length - length) & 0xfc00) === 0xdc00
  return isHalf ? length - 1 : length
}
