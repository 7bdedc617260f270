// The parameters of a GraphQL request, from body or query string, and the media type of its answer.
import type { FastifyRequest } from 'fastify'
import { readJson } from './strict-json.ts'

export const JSON_TYPE = 'application/json'
export const GRAPHQL_TYPE = 'application/graphql-response+json'

export interface Parameters {
  readonly query: string
  readonly operationName?: string | null
  readonly variables?: Readonly<Record<string, unknown>> | null
}

/** Well-formed parameters, or what is wrong with them. */
export function readParameters(request: FastifyRequest): Parameters | { readonly flaw: string } {
  const read = request.method === 'GET' ? fromQueryString(request.query) : { given: request.body }
  if ('flaw' in read) return read
  const { given } = read
  if (!isMap(given)) return { flaw: 'the request is a JSON object with `query`; batches are not taken' }
  const { query, operationName, variables, extensions } = given
  if (typeof query !== 'string') return { flaw: '`query` must be text' }
  if (operationName != null && typeof operationName !== 'string') return { flaw: '`operationName` must be text' }
  if (variables != null && !isMap(variables)) return { flaw: '`variables` must be a map' }
  if (extensions != null && !isMap(extensions)) return { flaw: '`extensions` must be a map' }
  return { query, operationName, variables }
}

type RawMap = { readonly [key: string]: unknown }

const isMap = (value: unknown): value is RawMap => typeof value === 'object' && value !== null && !Array.isArray(value)

/** `variables` and `extensions` are JSON in the query string. */
function fromQueryString(query: unknown): { readonly given: RawMap } | { readonly flaw: string } {
  const given: Record<string, unknown> = { ...(query as object) }
  for (const name of ['variables', 'extensions']) {
    const text = given[name]
    if (text === undefined || text === '') delete given[name]
    else {
      const { values, flaws } = readJson(Buffer.from(String(text)))
      if (flaws.size > 0) return { flaw: `\`${name}\` ${flaws.get(0)}` }
      given[name] = values[0]
    }
  }
  return { given }
}

/** The newer type where the client names it, plain JSON otherwise. Quality values are not weighed: both are the same bytes. */
export const responseType = (accept: string | undefined): string =>
  accept?.toLowerCase().includes(GRAPHQL_TYPE) ? GRAPHQL_TYPE : JSON_TYPE
