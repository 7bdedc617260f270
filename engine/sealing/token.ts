// Token: the text that stands in an event for a personal value: NUL, whose key, its number, what the key closes, NUL. It says of
// itself which key opens it, so that nobody who stores, replays or sends it on needs to know what it is. Pure.

/**
 * Whose key: the order's, or the event's own while it is open what the event is about (it waits, or its order is not known).
 */
export type KeyOwner = 'order' | 'event'

export interface Token {
  readonly owner: KeyOwner
  /** Number of the key. */
  readonly key: number
  /** Base64 without padding, of URLs. */
  readonly box: string
}

const LETTERS = { order: 'o', event: 'e' } as const

export const tokenText = ({ box, key, owner }: Token): string => `\0${LETTERS[owner]}${key.toString(36)}.${box}\0`

/** Stands for a value whose key was destroyed before it came: nothing of it is kept. */
export const ERASED_TEXT = '\0erased\0'

const TOKEN = /^\0([oe])([0-9a-z]{1,10})\.([\w-]+)\0$/
// Within other text too: exceptions and cards quote what was said.
const TOKENS = /\0(?:[oe][0-9a-z]{1,10}\.[\w-]+|erased)\0/g

/** The token a text is; undefined for what is none, and for what was erased before it was kept. */
export function tokenOf(text: string): Token | undefined {
  const [, letter, key = '', box = ''] = TOKEN.exec(text) ?? []
  if (letter === undefined) return undefined
  return { owner: letter === 'o' ? 'order' : 'event', key: Number.parseInt(key, 36), box }
}

/** `text` with each token in it as `shown` gives it. */
export const replacedTokens = (text: string, shown: (token: string) => string): string => text.replace(TOKENS, shown)

/** Whether a token may be within `json`, which spells NUL like this: most that is told is of nobody. */
export const mayHoldToken = (json: string): boolean => json.includes('\\u0000')
