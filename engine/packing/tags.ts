// Tags: the first byte of every packed value.
//   00–3f  a whole number 0–63            40–7f  ASCII text of 0–63 bytes       80–bf  one of the first 64 words
//   c0–cb  a list of 0–11 values          d0–db  a record of 0–11 members       cc …   dc …   e0 …   below
//   f0–f7  one of the first 8 texts that came before                            f8–fc  a record with the members of one before
//
// What came before counts within one body, on both sides alike: texts, the member names of records, lists of records.
export const TEXT = 0x40
export const WORD = 0x80
export const LIST = 0xc0
/** A list of records that all have the members of the first: a varint of their count, the first, then the values of the others. */
export const TABLE = 0xcc
/** A record of a form (forms.ts): a byte for which, then its values. */
export const FORMED = 0xcd
/** A sealed value (sealed.ts): its bytes instead of its letters. */
export const SEALED = 0xce
/** A text that ends as the body's name does: a varint of how many letters, then the text before them. */
export const ENDING = 0xcf
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
/** A word from the 65th on: a varint of its place behind those. */
export const FAR_WORD = 0xeb
/** A text that came before: a varint of its place among those. */
export const REPEAT = 0xec
/** A text up to and with its first slash, then the rest of it: both texts. */
export const JOINED = 0xed
/** A list of records that came before: a varint of its place among those. */
export const SAME = 0xee
/** A list of whole numbers, most of them 0: varints of its length, of how many are not, and of the distance and value of each. */
export const SPARSE = 0xef
export const NEAR_REPEAT = 0xf0
export const SHAPED = 0xf8
/** Two texts with a slash between them: the first came before. */
export const BESIDE = 0xfd
/** The text both sides know as the body's type. */
export const TYPE = 0xfe
/** The number both sides know as the body's moment. */
export const MOMENT = 0xff

export const SMALL_MAX = 63
export const SHORT_MAX = 11

// Texts are kept to be named again from 3 letters on: below that naming one takes as much as the text.
export const REPEATED_LENGTH_MIN = 3
// 128: named in two bytes each, and found in a table that stays small.
export const REPEATS_MAX = 128
export const NEAR_REPEATS = 8
// Member names of so many records are known, each one byte; and of so many lists of records. More are not worth comparing.
export const SHAPES_MAX = 5
export const LISTS_MAX = 8
// From so many numbers on a list is looked at for zeros.
export const SPARSE_LENGTH_MIN = 4
// An ending of fewer letters takes as many bytes as it spares.
export const ENDING_LENGTH_MIN = 4
// The longest word has 27 letters: longer texts are not looked up.
export const WORD_LENGTH_MAX = 32
