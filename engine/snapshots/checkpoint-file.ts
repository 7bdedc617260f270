// Checkpoint file: what the engine has derived from the journal up to a position, so that it need not be derived again at
// every start. One file, whole or not there: digest, temporary name, sync, rename, sync of the folder. Always rebuildable:
// a checkpoint that is missing, damaged, foreign or of another format is simply not there.
//
//     sections, one behind the other   footer: JSON, which sections, how long, which store and position
//     trailer: 0 magic   4 format   6 –   8 footer length   12 –   16 SHA-256 of all before and of the trailer's first 16 bytes
import { createHash, type Hash } from 'node:crypto'
import { type Files, type OpenFile, readInto, readUpTo, writeAll } from '../journal/files.ts'

export const CHECKPOINT_NAME = 'CHECKPOINT'

// Format log. A checkpoint of another format is not read: it is made again.
//   1  0.1.0  the first
const CHECKPOINT_FORMAT = 1
const CHECKPOINT_MAGIC = 0x434a544f // 'OTJC'
const TRAILER_BYTES = 48
// 4 MiB: hashing it holds the loop for two milliseconds. Under load each slice waits for a turn of the engine, some tens of milliseconds:
// of a million orders, a quarter of a gigabyte, a checkpoint would take ten seconds by the megabyte.
const SLICE_BYTES = 4 * 1024 * 1024
// 1 MiB: more than any footer; a length beyond it is damage, not a reason to ask for the memory.
const FOOTER_BYTES_MAX = 1024 * 1024

/** A section's bytes, or its parts, each asked for only when the one before is written: the engine serves in between. */
export type SectionContent = Uint8Array | Iterable<Uint8Array>

export interface CheckpointDraft {
  readonly storeId: string
  readonly epoch: number
  /** Every entry up to here is in the sections. Later ones may be: applying them again must be harmless. */
  readonly position: number
  readonly sections: Readonly<Record<string, SectionContent>>
}

export interface Checkpoint {
  readonly storeId: string
  readonly epoch: number
  readonly position: number
  readonly sections: Readonly<Record<string, Uint8Array>>
  /** Size of the file. */
  readonly bytes: number
}

interface Footer {
  readonly storeId: string
  readonly epoch: number
  readonly position: number
  readonly sections: readonly { readonly name: string; readonly bytes: number }[]
}

/** Durable, in place of the former one, when it resolves with the file's size. Rejects when it cannot be written; the former one then stays. */
export async function writeCheckpoint(files: Files, directory: string, draft: CheckpointDraft): Promise<number> {
  const path = `${directory}/${CHECKPOINT_NAME}`
  await files.remove(`${path}.fresh`)
  const file = await files.open(`${path}.fresh`, 'create')
  try {
    const bytes = await writeSections(file, draft)
    await file.sync()
    await file.close()
    await files.rename(`${path}.fresh`, path)
    await files.syncDirectory(directory)
    return bytes
  } catch (error) {
    await file.close().catch(() => undefined)
    await files.remove(`${path}.fresh`)
    throw error
  }
}

/** Undefined when there is none that verifies, or it is another store's. Rejects only when the file cannot be read. */
export async function readCheckpoint(
  files: Files,
  directory: string,
  storeId: string,
): Promise<Checkpoint | undefined> {
  return await withFile(files, directory, file => readSections(file, storeId, readHashed))
}

/** Whether there is one that `readCheckpoint` would give. Keeps nothing of it. */
export async function checkpointVerifies(files: Files, directory: string, storeId: string): Promise<boolean> {
  return (await withFile(files, directory, file => readSections(file, storeId, passHashed))) !== undefined
}

async function withFile(
  files: Files,
  directory: string,
  read: (file: OpenFile) => Promise<Checkpoint | undefined>,
): Promise<Checkpoint | undefined> {
  if (!(await files.list(directory)).includes(CHECKPOINT_NAME)) return undefined
  const file = await files.open(`${directory}/${CHECKPOINT_NAME}`, 'read')
  try {
    return await read(file)
  } finally {
    await file.close()
  }
}

async function writeSections(file: OpenFile, draft: CheckpointDraft): Promise<number> {
  const writer = new HashedWriter(file)
  const sections: { name: string; bytes: number }[] = []
  for (const [name, content] of Object.entries(draft.sections)) {
    const before = writer.bytes
    const parts = content instanceof Uint8Array ? [content] : content
    for (const part of parts) await writer.write(part)
    sections.push({ name, bytes: writer.bytes - before })
  }
  const { storeId, epoch, position } = draft
  const footer = new TextEncoder().encode(JSON.stringify({ storeId, epoch, position, sections } satisfies Footer))
  await writer.write(footer)
  await writer.finish(footer.length)
  return writer.bytes
}

/** Gathers small parts, cuts large ones, hashes as it goes: every write is about SLICE_BYTES and an await. */
class HashedWriter {
  bytes = 0
  readonly #file: OpenFile
  readonly #hash: Hash = createHash('sha256')
  readonly #pending = new Uint8Array(SLICE_BYTES)
  #filled = 0

  constructor(file: OpenFile) {
    this.#file = file
  }

  async write(part: Uint8Array): Promise<void> {
    for (let from = 0; from < part.length; ) {
      const count = Math.min(part.length - from, SLICE_BYTES - this.#filled)
      this.#pending.set(part.subarray(from, from + count), this.#filled)
      this.#filled += count
      this.bytes += count
      from += count
      if (this.#filled === SLICE_BYTES) await this.#flush()
    }
  }

  async finish(footerBytes: number): Promise<void> {
    const trailer = trailerStart(footerBytes)
    await this.write(trailer)
    await this.#flush()
    const digest = this.#hash.digest()
    await writeAll(this.#file, digest, this.bytes)
    this.bytes += digest.length
  }

  async #flush(): Promise<void> {
    const slice = this.#pending.subarray(0, this.#filled)
    this.#hash.update(slice)
    await writeAll(this.#file, slice, this.bytes - this.#filled)
    this.#filled = 0
  }
}

function trailerStart(footerBytes: number): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, CHECKPOINT_MAGIC, true)
  view.setUint16(4, CHECKPOINT_FORMAT, true)
  view.setUint32(8, footerBytes, true)
  return bytes
}

async function readSections(
  file: OpenFile,
  storeId: string,
  read: (file: OpenFile, offset: number, length: number, hash: Hash) => Promise<Uint8Array>,
): Promise<Checkpoint | undefined> {
  const size = await file.size()
  const trailer = await readUpTo(file, Math.max(0, size - TRAILER_BYTES), TRAILER_BYTES)
  const footerBytes = footerLength(trailer, size)
  if (footerBytes === undefined) return undefined
  const footerBefore = size - TRAILER_BYTES - footerBytes
  const footerContent = await readUpTo(file, footerBefore, footerBytes)
  const footer = parseFooter(footerContent)
  if (footer?.storeId !== storeId || sum(footer.sections) !== footerBefore) return undefined
  const hash = createHash('sha256')
  const sections: Record<string, Uint8Array> = {}
  let offset = 0
  for (const { name, bytes } of footer.sections) {
    sections[name] = await read(file, offset, bytes, hash)
    offset += bytes
  }
  hash.update(footerContent).update(trailer.subarray(0, 16))
  if (hash.digest().compare(trailer, 16) !== 0) return undefined
  const { epoch, position } = footer
  return { storeId, epoch, position, sections, bytes: size }
}

async function readHashed(file: OpenFile, offset: number, length: number, hash: Hash): Promise<Uint8Array> {
  const content = new Uint8Array(length)
  for (let from = 0; from < length; from += SLICE_BYTES)
    hash.update(await readInto(file, offset + from, content.subarray(from, from + SLICE_BYTES)))
  return content
}

async function passHashed(file: OpenFile, offset: number, length: number, hash: Hash): Promise<Uint8Array> {
  const slice = new Uint8Array(SLICE_BYTES)
  for (let from = 0; from < length; from += SLICE_BYTES)
    hash.update(await readInto(file, offset + from, slice.subarray(0, length - from)))
  return NOTHING
}

const NOTHING = new Uint8Array(0)

function footerLength(trailer: Uint8Array, size: number): number | undefined {
  if (trailer.length < TRAILER_BYTES) return undefined
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.length)
  if (view.getUint32(0, true) !== CHECKPOINT_MAGIC || view.getUint16(4, true) !== CHECKPOINT_FORMAT) return undefined
  const length = view.getUint32(8, true)
  return length <= Math.min(FOOTER_BYTES_MAX, size - TRAILER_BYTES) ? length : undefined
}

/** Only shape enough to read on: the digest says whether it is what was written. */
function parseFooter(content: Uint8Array): Footer | undefined {
  try {
    const footer = JSON.parse(new TextDecoder().decode(content)) as Footer
    const isLength = (bytes: unknown) => Number.isSafeInteger(bytes) && (bytes as number) >= 0
    return footer.sections.every(section => isLength(section.bytes)) ? footer : undefined
  } catch {
    return undefined
  }
}

function sum(sections: Footer['sections']): number {
  return sections.reduce((total, section) => total + section.bytes, 0)
}
