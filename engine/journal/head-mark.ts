// Head mark: the last acknowledged position and its hash, in a file of its own that is never synced. It is never ahead of
// what is durable, so a journal that ends before it has lost its end: that is how a lost end is told from a torn write.
//
//     0 magic   4 CRC-32 of the rest   8 position   14 –   16 store id   32 hash
import { crc32 } from 'node:zlib'
import { HASH_BYTES, hexOf, readUint48, storeIdBytes, viewOf, writeUint48 } from './codec.ts'
import { type Files, type OpenFile, writeAll } from './files.ts'

export const HEAD_MARK_NAME = 'HEAD'

const MARK_BYTES = 64
const MARK_MAGIC = 0x4d4a544f // 'OTJM'

export interface HeadMark {
  readonly storeId: string
  readonly position: number
  readonly hash: Uint8Array
}

/** Undefined when there is none or it does not verify: it is not synced, so that says nothing. */
export async function readHeadMark(files: Files, directory: string): Promise<HeadMark | undefined> {
  const bytes = await files.readWhole(`${directory}/${HEAD_MARK_NAME}`)
  if (bytes === undefined || bytes.length < MARK_BYTES) return undefined
  const view = viewOf(bytes)
  if (view.getUint32(0, true) !== MARK_MAGIC) return undefined
  if (view.getUint32(4, true) !== crc32(bytes.subarray(8, MARK_BYTES))) return undefined
  const hash = bytes.slice(32, 32 + HASH_BYTES)
  return { storeId: hexOf(bytes.subarray(16, 32)), position: readUint48(view, 8), hash }
}

/** Opens the mark of `directory` for writing, making the file when there is none. */
export async function openHeadMark(files: Files, directory: string): Promise<HeadMarkWriter> {
  const path = `${directory}/${HEAD_MARK_NAME}`
  const exists = (await files.readWhole(path)) !== undefined
  return new HeadMarkWriter(await files.open(path, exists ? 'update' : 'create'))
}

/** Writes the newest head it heard of, one write at a time, so it never falls behind and never queues up. */
export class HeadMarkWriter {
  readonly #file: OpenFile
  #next: HeadMark | undefined
  #writing: Promise<void> | undefined

  constructor(file: OpenFile) {
    this.#file = file
  }

  /** Never waits and never fails: a mark that cannot be written is a weaker check, not a broken promise. */
  note(mark: HeadMark): void {
    this.#next = mark
    this.#writing ??= this.#write()
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file.close()
  }

  async #write(): Promise<void> {
    while (this.#next !== undefined) {
      const bytes = encodeMark(this.#next)
      this.#next = undefined
      await writeAll(this.#file, bytes, 0).catch(() => undefined)
    }
    this.#writing = undefined
  }
}

function encodeMark(mark: HeadMark): Uint8Array {
  const bytes = new Uint8Array(MARK_BYTES)
  const view = viewOf(bytes)
  view.setUint32(0, MARK_MAGIC, true)
  writeUint48(view, 8, mark.position)
  bytes.set(storeIdBytes(mark.storeId), 16)
  bytes.set(mark.hash, 32)
  view.setUint32(4, crc32(bytes.subarray(8)), true)
  return bytes
}
