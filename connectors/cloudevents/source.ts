// Reads a file of CloudEvents, one JSON object per line, plain or gzipped, of any length.
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { linesOf } from './lines.ts'
import { translateLine } from './translate.ts'

export type CloudEventLine =
  | { readonly kind: 'event'; readonly line: number; readonly event: unknown; readonly endsAt: number }
  | { readonly kind: 'finding'; readonly line: number; readonly message: string; readonly endsAt: number }

// 1 MiB: an order of 50,000 lines is about that; a longer line is rather a file without line breaks.
const LINE_BYTES_MAX = 1024 ** 2

/** Every line that says something, in order; `endsAt` counts bytes as they are unzipped. Throws when the file cannot be read. */
export async function* readCloudEvents(file: string): AsyncGenerator<CloudEventLine> {
  for await (const { number: line, bytes, endsAt } of linesOf(bytesOf(file), LINE_BYTES_MAX)) {
    const said = bytes === undefined ? { message: `is longer than ${LINE_BYTES_MAX} bytes` } : translateLine(bytes)
    if (said === undefined) continue
    yield 'event' in said
      ? { kind: 'event', line, event: said.event, endsAt }
      : { kind: 'finding', line, message: said.message, endsAt }
  }
}

async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  const raw = createReadStream(file)
  if (!file.endsWith('.gz')) return yield* raw
  // Not pipeline(): its reader is this generator, and an error of the file has to reach it.
  const unzipped = raw.on('error', error => unzipped.destroy(error)).pipe(createGunzip())
  yield* unzipped
}
