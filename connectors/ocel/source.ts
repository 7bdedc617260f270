// Reads an OCEL 2.0 JSON file, plain or gzipped, as an order-management log.
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { parseOcel } from './ocel-log.ts'
import { type ReadOrderManagement, readOrderManagement } from './read-order-management.ts'

// An OCEL document is one JSON value and must be held whole; 1 GiB of text is more than any published log has.
const TEXT_BYTES_MAX = 1024 ** 3

/** The public order-management log that comes with the project (data/ocel/README.md). */
export const orderManagementFile = new URL('../../data/ocel/order-management.json.gz', import.meta.url)

/** Rejects only when the file cannot be read; what is wrong in it is findings. */
export async function readOcelFile(file: string | URL): Promise<ReadOrderManagement> {
  const bytes = await readFile(file)
  const json = parseJson(await inflated(bytes))
  if ('message' in json) return { findings: [{ where: 'document', message: json.message }] }
  const parsed = parseOcel(json.value)
  return 'findings' in parsed ? parsed : readOrderManagement(parsed.log)
}

const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b

async function inflated(bytes: Buffer): Promise<string> {
  const plain = isGzip(bytes) ? await promisify(gunzip)(bytes, { maxOutputLength: TEXT_BYTES_MAX }) : bytes
  return plain.toString('utf8').replace(/^\uFEFF/, '')
}

function parseJson(text: string): { readonly value: unknown } | { readonly message: string } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { message: `is no JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}
