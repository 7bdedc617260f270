// Keyring: the store's keys in use. Gives one for each order as it needs it, seals and opens with them.
// Does not own: which order has which key (its entries say so), or how keys are kept (key-files.ts).
import { isSealed } from '../../machines/events/personal.ts'
import { StoreRefused } from '../journal/store-refused.ts'
import { type CipherKey, cipherKey, forgetLast, KEY_BYTES, openedBox, sealedBox } from './cipher.ts'
import type { Erasure } from './erasure.ts'
import type { KeyFiles } from './key-files.ts'
import { ERASED_TEXT, type KeyOwner, replacedTokens, tokenOf, tokenText } from './token.ts'

/** Of what is judged and dropped. No key of the store has that number: it is far beyond what a folder can hold. */
export const PREVIEW_KEY = 2 ** 40

/** What is shown in place of a value whose key was destroyed. */
export const ERASED = '[erased]'
/** What is shown where the key is lost, or does not open it. */
export const UNREADABLE = '[unreadable]'

// 4,096 of 1.8 KB: the orders that are being worked on. Where they are more, most keys are derived anew for each event, which costs
// as much as sealing two values; four times as many would save a fifth of that.
const CIPHERS_MAX = 4_096

/**
 * The keys of a store whose entries name `keysUsed` of them. Those of erased orders are gone when it resolves: a crash may have
 * come between an erasure's entry and their destruction, or the folder be a backup's. Rejects with StoreRefused where keys are lost.
 */
export async function openKeyring(
  files: KeyFiles,
  {
    erasures,
    keysUsed,
    retiredKeys = [],
  }: {
    readonly erasures: ReadonlyMap<string, Erasure>
    readonly keysUsed: number
    readonly retiredKeys?: Iterable<number>
  },
  mayLack = false,
): Promise<Keyring> {
  const keyring = new Keyring(files, keysUsed)
  const erased = [...[...erasures.values()].flatMap(erasure => erasure.keys), ...retiredKeys]
  const lost = new Set(files.startAt(keysUsed))
  if (!(await keyring.destroy(erased)))
    throw new Error('keys of erased orders cannot be destroyed', { cause: files.failure() })
  for (const key of erased) lost.delete(key)
  if (lost.size === 0 || mayLack) return keyring
  const first = lost.values().next().value
  throw new StoreRefused(
    'keys_lost',
    files.directory,
    `${lost.size} keys that entries name are not there or damaged, the first is ${first}`,
  )
}

export class Keyring {
  private readonly files: KeyFiles
  /** Each in the place that its number gives it. */
  private readonly ciphers = new Array<{ readonly key: number; readonly cipher: CipherKey } | undefined>(CIPHERS_MAX)
  private next: number

  /** Only openKeyring calls it. */
  constructor(files: KeyFiles, next: number) {
    this.files = files
    this.next = next
  }

  failure(): unknown {
    return this.files.failure()
  }

  /** Whether `count` keys are at hand; makes more where they are not. */
  async has(count: number): Promise<boolean> {
    const missing = count - (this.files.made - this.next)
    return missing <= 0 ? this.files.failure() === undefined : this.files.make(missing)
  }

  /** A key nobody had; undefined where none is left. */
  take(): number | undefined {
    return this.next < this.files.made ? this.next++ : undefined
  }

  isGone(key: number): boolean {
    return key !== PREVIEW_KEY && this.files.keyIn(key) === undefined
  }

  /** True once they are gone for good; from memory they are at once. */
  destroy(keys: readonly number[]): Promise<boolean> {
    for (const key of keys) this.ciphers[key % CIPHERS_MAX] = undefined
    forgetLast()
    return this.files.destroy(keys)
  }

  /** The marker where the key is gone. */
  seal(owner: KeyOwner, key: number, value: unknown): string {
    const cipher = this.cipher(key)
    return cipher === undefined ? ERASED_TEXT : tokenText({ owner, key, box: sealedBox(cipher, value) })
  }

  /** Undefined where the key is gone, or does not open it. */
  tokenValue(token: string): { readonly value: unknown } | undefined {
    const parts = tokenOf(token)
    const cipher = parts && this.cipher(parts.key)
    return parts && cipher && openedBox(cipher, parts.box)
  }

  /** `value` as people may read it: sealed texts in clear, or as ERASED. The same value where there are none. */
  opened<Value>(value: Value): Value {
    return this.shown(value) as Value
  }

  close(): Promise<void> {
    return this.files.close()
  }

  private shown(value: unknown): unknown {
    if (typeof value === 'string') return value.includes('\0') ? this.shownText(value) : value
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
    if (Array.isArray(value)) {
      const list = value.map(each => this.shown(each))
      return list.some((each, index) => each !== value[index]) ? list : value
    }
    let copy: Record<string, unknown> | undefined
    for (const [name, member] of Object.entries(value)) {
      const shown = this.shown(member)
      if (shown === member) continue
      // Of its class still (actors.ts).
      copy ??= Object.assign(Object.create(Object.getPrototypeOf(value)), value) as Record<string, unknown>
      copy[name] = shown
    }
    return copy ?? value
  }

  private shownText(text: string): unknown {
    if (isSealed(text) && text.indexOf('\0', 1) === text.length - 1) return this.shownToken(text)
    return replacedTokens(text, token => {
      const value = this.shownToken(token)
      return typeof value === 'string' ? value : JSON.stringify(value)
    })
  }

  private shownToken(token: string): unknown {
    const opened = this.tokenValue(token)
    if (opened !== undefined) return opened.value
    const parts = tokenOf(token)
    return parts === undefined || this.files.isDestroyed(parts.key) ? ERASED : UNREADABLE
  }

  private cipher(key: number): CipherKey | undefined {
    const place = key % CIPHERS_MAX
    const known = this.ciphers[place]
    if (known?.key === key) return known.cipher
    const bytes = key === PREVIEW_KEY ? new Uint8Array(KEY_BYTES) : this.files.keyIn(key)
    if (bytes === undefined) return undefined
    const cipher = cipherKey(bytes)
    this.ciphers[place] = { key, cipher }
    return cipher
  }
}
