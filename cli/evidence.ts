// Evidence: one order's history as a package that stands for itself: every entry as canonical JSON, each hashed together with
// the one before, and the last hash signed (Ed25519) with the store's key. docs/evidence/verify.mjs checks it without our code.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { positionText } from '../engine/answers.ts'
import type { JournalEntry } from '../engine/entry.ts'
import { placeMs } from '../machines/ids.ts'
import { isoTime } from '../machines/time.ts'

export interface EvidenceRecord {
  readonly position: string
  readonly recorded: string
  readonly happened: string
  readonly event: unknown
  readonly verdict: string
  readonly reason?: string
  readonly actors: readonly string[]
  readonly from?: string
  readonly to?: string
}

export interface Evidence {
  readonly format: 'ordertwin-evidence/1'
  readonly order: string
  /** Position and hash of the journal's head when the package was made: names the one history it was taken from. */
  readonly journal: { readonly head: string; readonly hash: string }
  readonly records: readonly { readonly record: EvidenceRecord; readonly hash: string }[]
  readonly publicKey: string
  /** Of the last hash, base64. */
  readonly signature: string
}

/** Pure but for the signature's key. `entries` are all of the order's, oldest first. */
export function evidenceOf(
  order: string,
  entries: readonly JournalEntry[],
  { head, key }: { readonly head: { readonly position: string; readonly hash: string }; readonly key: KeyObject },
): Evidence {
  const journal = { head: head.position, hash: head.hash }
  // The first hash covers what stands beside the records, so that none of it can be exchanged.
  let last = digest(canonical({ format: 'ordertwin-evidence/1', order, journal }))
  const records = entries.map(entry => {
    const record = recordOf(entry)
    last = digest(`${last}\n${canonical(record)}`)
    return { record, hash: last }
  })
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
  const signature = sign(null, Buffer.from(last), key).toString('base64')
  return { format: 'ordertwin-evidence/1', order, journal, records, publicKey, signature }
}

/** The store's signing key; made at first use, readable by its owner only. */
export async function signingKey(path: string): Promise<KeyObject> {
  if (existsSync(path)) return createPrivateKey(await readFile(path))
  const { privateKey } = generateKeyPairSync('ed25519')
  await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  return privateKey
}

function recordOf(entry: JournalEntry): EvidenceRecord {
  const { actors, detail, event, from, place, position, recordedMs, to, verdict } = entry
  return {
    position: positionText(position),
    recorded: isoTime(recordedMs),
    happened: isoTime(placeMs(place)),
    event,
    verdict,
    reason: detail.reason,
    actors,
    from,
    to,
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** JSON with members in order of their names and nothing undefined: the same text wherever it is made. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(each => canonical(each ?? null)).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`
}
