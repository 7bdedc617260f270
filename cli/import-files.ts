// What an import file holds, event by event: OCEL 2.0 order-management logs and CloudEvents NDJSON.
import { stat } from 'node:fs/promises'
import { readCloudEvents } from '../connectors/cloudevents/source.ts'
import { readOcelFile } from '../connectors/ocel/source.ts'
import { translate } from '../connectors/ocel/translate.ts'

export type ImportItem =
  | { readonly kind: 'event'; readonly where: string; readonly event: unknown; readonly part: number }
  | { readonly kind: 'finding'; readonly where: string; readonly message: string; readonly part: number }

/** Every event and finding of `file` in order. `part` is how much of the file is read by then, 0 to 1. */
export function readImport(file: string): AsyncIterable<ImportItem> {
  if (/\.json(\.gz)?$/i.test(file)) return readOcel(file)
  if (/\.(ndjson|jsonl)(\.gz)?$/i.test(file)) return readNdjson(file)
  return refuse(file, 'is of no known kind: OCEL 2.0 is .json or .json.gz, CloudEvents are .ndjson or .jsonl')
}

async function* readOcel(file: string): AsyncGenerator<ImportItem> {
  const read = await readOcelFile(file)
  if ('findings' in read) {
    for (const { where, message } of read.findings)
      yield { kind: 'finding', where: `${file}: ${where}`, message, part: 1 }
    return
  }
  const { said } = translate(read.log)
  for (const [index, { event, explains }] of said.entries())
    yield { kind: 'event', where: `${file}: ${explains[0]}`, event, part: (index + 1) / said.length }
}

async function* readNdjson(file: string): AsyncGenerator<ImportItem> {
  const { size } = await stat(file)
  for await (const line of readCloudEvents(file)) {
    const where = `${file}:${line.line}`
    // A gzipped file unzips to more than its size; its bar waits at the end.
    const part = Math.min(1, line.endsAt / size)
    if (line.kind === 'event') yield { kind: 'event', where, event: line.event, part }
    else yield { kind: 'finding', where, message: line.message, part }
  }
}

async function* refuse(file: string, message: string): AsyncGenerator<ImportItem> {
  yield { kind: 'finding', where: file, message, part: 1 }
}
