// Tags: the first byte of every packed value.
//   00–3f  a whole number 0–63            40–7f  ASCII text of 0–63 bytes       80–bf  one of the first 64 words
//   c0–cf  a list of 0–15 values          d0–df  a record of 0–15 members       e0 …   below
export const TEXT = 0x40
export const WORD = 0x80
export const LIST = 0xc0
export const RECORD = 0xd0
export const NULL = 0xe0
export const UNDEFINED = 0xe1
export const TRUE = 0xe2
export const FALSE = 0xe3
/** A whole number from 64: a varint. */
export const UINT = 0xe4
/** A negative whole number: the varint of its absolute value. */
export const NEGATIVE = 0xe5
/** Any other number: eight bytes, as IEEE 754 has them, little end first. */
export const FLOAT = 0xe6
/** Text: a varint of its bytes, and these: ASCII, or UTF-8. */
export const LONG_TEXT = 0xe7
export const WIDE_TEXT = 0xe8
export const LONG_LIST = 0xe9
export const LONG_RECORD = 0xea
/** A word from the 65th on: a varint of its place in the list. */
export const FAR_WORD = 0xeb
/** A text that came before in the same body: a varint of its place among those (repeats.ts). */
export const REPEAT = 0xec

export const SMALL_MAX = 63
export const SHORT_MAX = 15

// Texts are kept to be named again from 6 letters on: below that naming one takes as much as the text.
export const REPEATED_LENGTH_MIN = 6
// 32: looking through more costs more than the bytes it spares.
export const REPEATS_MAX = 32
// The longest word has 27 letters: longer texts are not looked up.
export const WORD_LENGTH_MAX = 32
