// CloudEvents binary mode: attributes in `ce-*` headers, data in the body. Pure.
import type { IncomingMessage } from 'node:http'
import { type Read, readJson } from './strict-json.ts'

/** Whether the headers say so: any of the attributes that every event has. */
export const isBinaryMode = (headers: IncomingMessage['headers']): boolean =>
  headers['ce-id'] !== undefined || headers['ce-type'] !== undefined || headers['ce-specversion'] !== undefined

/** The event as a plain input, values as sent. `body` is the data, JSON, or undefined where there is none. */
export function readBinary(headers: IncomingMessage['headersDistinct'], body: Buffer | undefined): Read {
  const data = body === undefined || body.length === 0 ? undefined : readJson(body)
  const dataFlaw = data?.flaws.get(0)
  if (dataFlaw !== undefined) return flawed(`data ${dataFlaw}`)
  const input: Record<string, unknown> = {}
  for (const [name, values] of Object.entries(headers)) {
    if (!ATTRIBUTE_HEADER.test(name)) continue
    const value = values?.length === 1 ? attributeText(values[0] as string) : undefined
    if (value === undefined) return flawed(`header ${name} is sent twice, or is not percent-encoded ASCII`)
    input[name.slice(PREFIX_LENGTH)] = value
  }
  input.data = data?.values[0]
  return { values: [input], flaws: new Map() }
}

const PREFIX_LENGTH = 'ce-'.length
// Names of CloudEvents attributes: lower-case letters and digits. Anything else in a ce- header is no attribute.
const ATTRIBUTE_HEADER = /^ce-[a-z0-9]{1,40}$/
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

const flawed = (flaw: string): Read => ({ values: [undefined], flaws: new Map([[0, flaw]]) })

/** The value of an attribute header, percent-decoded as the HTTP binding says; undefined when it is not encoded so. */
function attributeText(value: string): string | undefined {
  if (!PRINTABLE_ASCII.test(value)) return undefined
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
