// Base 36 of fixed width. Numbers written so compare as text. V8 writes numbers in bases but ten a hundred times as slowly
// as it looks three digits up.

const TRIPLES = 36 ** 3
const triples: readonly string[] = Array.from({ length: TRIPLES }, (_, value) => value.toString(36).padStart(3, '0'))

/** `value` in nine digits: a whole number below 36^9, which epoch milliseconds reach in the year 5188. */
export function base36Of9(value: number): string {
  const high = Math.floor(value / TRIPLES)
  if (high !== lastHigh) {
    lastHigh = high
    lastSix = triples[Math.floor(high / TRIPLES)] + (triples[high % TRIPLES] as string)
  }
  return lastSix + triples[value % TRIPLES]
}
// Times that come together have the same six digits for three quarters of a minute.
let lastHigh = -1
let lastSix = ''

/** `value`, any safe integer from 0 on, in eleven digits. */
export function base36Of11(value: number): string {
  const high = Math.floor(value / TRIPLES ** 3)
  return (triples[high] as string).slice(1) + base36Of9(value % TRIPLES ** 3)
}

/** The number that the first nine digits of `text` stand for. */
export function numberOf9(text: string): number {
  // Digit by digit: cutting the text and parsing it costs twice as much, and a look at an order asks for a dozen of these.
  let value = 0
  for (let at = 0; at < 9; at++) {
    const code = text.charCodeAt(at)
    value = value * 36 + (code <= CODE_9 ? code - CODE_0 : code - CODE_A + 10)
  }
  return value
}
const [CODE_0, CODE_9, CODE_A] = [48, 57, 97] as const
