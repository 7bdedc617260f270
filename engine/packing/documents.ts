// Documents: names of them, each with its digest as eight bytes.
import type { Documents } from '../document-list.ts'
import { hashOfText, hashText } from '../hash.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/** By name, with the digest (engine/documents.ts), or nothing where one is withdrawn. */
export function writeDocuments(writer: Writer, documents: Documents): void {
  writer.count(documents.length / 2)
  for (let at = 0; at < documents.length; at += 2) {
    const digest = documents[at + 1] as string
    writer.text(documents[at] as string)
    writer.byte(digest === '' ? 0 : 1)
    if (digest === '') continue
    const { high, low } = hashOfText(digest)
    writer.word32(high)
    writer.word32(low)
  }
}

export function readDocuments(reader: Reader): Documents {
  const documents: string[] = []
  for (let count = reader.count(); count > 0; count--) {
    const name = reader.text()
    documents.push(name, reader.byte() === 0 ? '' : hashText({ high: reader.word32(), low: reader.word32() }))
  }
  return documents
}
