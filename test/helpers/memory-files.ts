// MemoryFiles: a disk that fails as real ones do, and the same way each time. What is written is lost at a crash unless it
// was synced; a name is lost unless its folder was; a failed sync forgets what it should have written, and yet it reads back
// (reliability.md F3). A fault is chosen per call; which unsynced sectors survive a crash is chosen by the test.
import type { Claim, Files, OpenFile, OpenMode } from '../../engine/journal/files.ts'
import { StoreRefused } from '../../engine/journal/store-refused.ts'

export const DISK_SECTOR_BYTES = 512

export interface DiskCall {
  readonly operation: 'open' | 'write' | 'sync' | 'read' | 'rename' | 'link' | 'syncDirectory'
  readonly path: string
}

/**
 * `error`: rejects with that code and does nothing; a sync loses what it should have written. `short`: writes that many
 * bytes. `power`: rejects because the power goes; crash() then says what an interrupted sync had written by then.
 */
export type DiskFault =
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'short'; readonly bytes: number }
  | { readonly kind: 'power' }

/** Whether an unsynced sector reached the disk before the power went. */
export type Survives = (sector: { readonly path: string; readonly index: number }) => boolean

class Content {
  bytes: Uint8Array = new Uint8Array(0)
  durable: Uint8Array = new Uint8Array(0)
  readonly dirty = new Set<number>()

  write(bytes: Uint8Array, offset: number): void {
    this.#grow(offset + bytes.length)
    this.bytes.set(bytes, offset)
    const last = Math.floor((offset + bytes.length - 1) / DISK_SECTOR_BYTES)
    for (let sector = Math.floor(offset / DISK_SECTOR_BYTES); sector <= last; sector++) this.dirty.add(sector)
  }

  sync(survives: (sector: number) => boolean = () => true): void {
    if (this.durable.length < this.bytes.length) this.durable = withLength(this.durable, this.bytes.length)
    for (const sector of this.dirty) {
      if (!survives(sector)) continue
      const from = sector * DISK_SECTOR_BYTES
      this.durable.set(this.bytes.subarray(from, from + DISK_SECTOR_BYTES), from)
    }
    this.dirty.clear()
  }

  #grow(length: number): void {
    if (length > this.bytes.length) this.bytes = withLength(this.bytes, length)
  }
}

export class MemoryFiles implements Files {
  /** Asked before each call; undefined lets it through. */
  fault: (call: DiskCall) => DiskFault | undefined = () => undefined
  /** How often each operation was called: to see that a commit is one write and one sync. */
  readonly calls = new Map<string, number>()
  readonly #claims = new Set<string>()
  readonly #identities = new Map<string, string>()
  #names = new Map<string, Content>()
  #durableNames = new Map<string, Content>()
  #generation = 0

  async claim(directory: string): Promise<Claim> {
    if (this.#claims.has(directory))
      throw new StoreRefused('store_locked', directory, 'another process has this store open')
    this.#claims.add(directory)
    const generation = this.#generation
    const release = async () => void (generation === this.#generation && this.#claims.delete(directory))
    return { release }
  }

  async identity(directory: string): Promise<string> {
    return this.#identities.get(directory)!
  }

  async makeDirectory(directory: string): Promise<void> {
    if (!this.#identities.has(directory)) this.#identities.set(directory, `${this.#identities.size + 1}`)
  }

  async list(directory: string): Promise<readonly string[]> {
    const start = `${directory}/`
    return [...this.#names.keys()].filter(path => path.startsWith(start)).map(path => path.slice(start.length))
  }

  async open(path: string, mode: OpenMode): Promise<OpenFile> {
    this.#fail({ operation: 'open', path })
    const known = this.#names.get(path)
    if (mode === 'create' && known !== undefined) throw diskError('EEXIST')
    if (mode !== 'create' && known === undefined) throw diskError('ENOENT')
    const content = known ?? new Content()
    this.#names.set(path, content)
    return this.#openFile(path, content)
  }

  async readWhole(path: string): Promise<Uint8Array | undefined> {
    return this.#names.get(path)?.bytes.slice()
  }

  async rename(from: string, to: string): Promise<void> {
    this.#fail({ operation: 'rename', path: to })
    const content = this.#names.get(from)
    if (content === undefined) throw diskError('ENOENT')
    this.#names.delete(from)
    this.#names.set(to, content)
  }

  async link(from: string, to: string): Promise<void> {
    this.#fail({ operation: 'link', path: to })
    this.#names.set(to, this.#names.get(from)!)
  }

  async remove(path: string): Promise<void> {
    this.#names.delete(path)
  }

  async syncDirectory(directory: string): Promise<void> {
    this.#fail({ operation: 'syncDirectory', path: directory })
    const inside = (path: string) => path.startsWith(`${directory}/`)
    for (const path of this.#durableNames.keys()) if (inside(path)) this.#durableNames.delete(path)
    for (const [path, content] of this.#names) if (inside(path)) this.#durableNames.set(path, content)
  }

  /** The power goes: what is not durable is gone but for the sectors that happen to survive; nobody has anything open. */
  crash(survives: Survives = () => false): void {
    this.kill()
    this.#names = new Map(this.#durableNames)
    for (const [path, content] of this.#names) {
      content.sync(index => survives({ path, index }))
      content.bytes = content.durable.slice()
    }
  }

  /** The process dies and the machine lives on: all that was written is there. No fault is left behind. */
  kill(): void {
    this.fault = () => undefined
    this.#generation++
    this.#claims.clear()
  }

  /** Paths of all files there are. */
  names(): readonly string[] {
    return [...this.#names.keys()]
  }

  /** The file is gone, from the disk too. */
  forget(path: string): void {
    this.#names.delete(path)
    this.#durableNames.delete(path)
  }

  /** The bytes of a file as they are, to look at or to damage. */
  bytesOf(path: string): Uint8Array {
    return this.#names.get(path)!.bytes
  }

  /** The file has these bytes now, on the disk too. */
  replace(path: string, bytes: Uint8Array): void {
    const content = this.#names.get(path)!
    content.bytes = bytes
    content.durable = bytes.slice()
  }

  /** Puts all of it, as it would be if everything were synced, onto another disk. */
  copyTo(other: MemoryFiles): void {
    for (const [directory, identity] of this.#identities) other.#identities.set(directory, identity)
    for (const [path, content] of this.#names) {
      const copy = new Content()
      copy.write(content.bytes, 0)
      copy.sync()
      other.#names.set(path, copy)
      other.#durableNames.set(path, copy)
    }
  }

  /** A copy of a folder under another name, as `cp -r` makes it. */
  copyFolder(from: string, to: string): void {
    this.#identities.set(to, `${this.#identities.size + 1}`)
    for (const [path, content] of [...this.#names]) {
      if (!path.startsWith(`${from}/`)) continue
      const copy = new Content()
      copy.write(content.bytes, 0)
      copy.sync()
      this.#names.set(`${to}${path.slice(from.length)}`, copy)
    }
  }

  #openFile(path: string, content: Content): OpenFile {
    const generation = this.#generation
    const alive = () => {
      if (generation !== this.#generation) throw diskError('EBADF')
    }
    return {
      size: async () => content.bytes.length,
      read: async (target, offset) => {
        alive()
        this.#fail({ operation: 'read', path })
        const bytes = content.bytes.subarray(offset, offset + target.length)
        target.set(bytes)
        return bytes.length
      },
      write: async (bytes, offset) => {
        alive()
        const fault = this.#fail({ operation: 'write', path })
        const written = fault === undefined ? bytes : bytes.subarray(0, fault.bytes)
        if (written.length > 0) content.write(written, offset)
        return written.length
      },
      sync: async () => {
        alive()
        try {
          this.#fail({ operation: 'sync', path })
        } catch (error) {
          if (!isPowerCut(error)) content.sync(() => false)
          throw error
        }
        content.sync()
      },
      close: async () => undefined,
    }
  }

  #fail(call: DiskCall): { readonly bytes: number } | undefined {
    this.calls.set(call.operation, (this.calls.get(call.operation) ?? 0) + 1)
    const fault = this.fault(call)
    if (fault?.kind === 'error') throw diskError(fault.code)
    if (fault?.kind === 'power') throw diskError(POWER_CUT)
    return fault
  }
}

const POWER_CUT = 'EPOWER'

function isPowerCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === POWER_CUT
}

function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code })
}

function withLength(bytes: Uint8Array, length: number): Uint8Array {
  const longer = new Uint8Array(length)
  longer.set(bytes)
  return longer
}
