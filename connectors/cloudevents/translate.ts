// translate: one line of CloudEvents NDJSON → the event it says, or what is wrong with it. Pure.
// Whether the event is one of ours and well-formed is judged where all events are (machines/event.ts), not here.

export type TranslatedLine =
  | { readonly event: Readonly<Record<string, unknown>> }
  | { readonly message: string }
  /** A blank line says nothing. */
  | undefined

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** `bytes` is one line without its line feed. */
export function translateLine(bytes: Buffer): TranslatedLine {
  const text = decoded(bytes)
  if (text === undefined) return { message: 'is not UTF-8' }
  if (text.trim() === '') return undefined
  const json = parsed(text)
  if ('message' in json) return json
  const { value } = json
  if (!isMap(value)) return { message: 'is not a JSON object' }
  const trouble = troubleWith(value)
  return trouble === undefined ? { event: value } : { message: trouble }
}

function troubleWith(event: Readonly<Record<string, unknown>>): string | undefined {
  if (event.data_base64 !== undefined) return 'has binary data (data_base64); events carry JSON'
  const type = event.datacontenttype
  if (type !== undefined && !/^application\/([\w.-]+\+)?json\b/i.test(String(type)))
    return `has data of type ${type}; events carry JSON`
  return undefined
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function decoded(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

function parsed(text: string): { readonly value: unknown } | { readonly message: string } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { message: `is no JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}
