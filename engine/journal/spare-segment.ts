// SpareSegment: the next segment, made ahead of need, so that a commit never waits for 64 MB of zeros and a full disk shows
// here, where nothing depends on it yet.
import type { StoreIdentity } from './codec.ts'
import type { Files, OpenFile } from './files.ts'
import { createSegment } from './segment-file.ts'

export interface Spare {
  readonly number: number
  /** The file as it was made: never opened again by name, which another owner may have given away since (E10). */
  readonly file: OpenFile
  readonly fileBytes: number
}

export class SpareSegment {
  readonly #files: Files
  readonly #directory: string
  readonly #store: StoreIdentity
  readonly #segmentBytes: number
  #making: Promise<void> | undefined
  #ready: Spare | undefined
  #failedNumber: number | undefined

  constructor(options: {
    readonly files: Files
    readonly directory: string
    readonly store: StoreIdentity
    readonly segmentBytes: number
  }) {
    this.#files = options.files
    this.#directory = options.directory
    this.#store = options.store
    this.#segmentBytes = options.segmentBytes
  }

  /** Bytes of the segment that is ready; 0 when none is. */
  get readyBytes(): number {
    return this.#ready?.fileBytes ?? 0
  }

  /**
   * Starts to make segment `number` unless it is being made, is ready, or failed once: filling a disk that is nearly full
   * over and over helps nobody, so only take() tries again. Never rejects.
   */
  prepare(number: number): void {
    if (this.#making !== undefined || this.#ready !== undefined || this.#failedNumber === number) return
    this.#making = this.#prepare(number)
  }

  /** Segment `number`, once it is ready. Rejects when it cannot be made; the next call tries again. */
  async take(number: number): Promise<Spare> {
    await this.#making
    const spare = this.#ready ?? (await this.#make(number))
    this.#ready = undefined
    return spare
  }

  async close(): Promise<void> {
    await this.#making
    await this.#ready?.file.close()
  }

  async #prepare(number: number): Promise<void> {
    try {
      this.#ready = await this.#make(number)
    } catch {
      this.#failedNumber = number
    }
    this.#making = undefined
  }

  async #make(number: number): Promise<Spare> {
    const segment = { directory: this.#directory, number, store: this.#store, bytes: this.#segmentBytes }
    return { number, file: await createSegment(this.#files, segment), fileBytes: this.#segmentBytes }
  }
}
