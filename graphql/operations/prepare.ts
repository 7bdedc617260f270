// From a request's text to a document that may be executed: parsed, within limits, valid. The same over HTTP and WebSocket.
import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind, parse, specifiedRules, validate } from 'graphql'
import type { GraphLimits } from '../graph-limits.ts'
import { costError } from './cost.ts'
import { graphError, overLimit } from './graph-errors.ts'
import { limitRules } from './limit-rules.ts'

export type Prepared = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] }

export interface OperationText {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>> | null
}

/** Texts already prepared, by text. Variables are judged each time. */
export class Preparer {
  private readonly schema: GraphQLSchema
  private readonly limits: GraphLimits
  private readonly known = new Map<string, DocumentNode>()

  constructor(schema: GraphQLSchema, limits: GraphLimits) {
    this.schema = schema
    this.limits = limits
  }

  prepare({ query, variables }: OperationText): Prepared {
    const prepared = this.read(query)
    if ('errors' in prepared) return prepared
    const costly = costError(
      { schema: this.schema, document: prepared.document, variables: variables ?? {} },
      this.limits,
    )
    return costly === undefined ? prepared : { errors: [costly] }
  }

  /** Only texts that may be executed are kept: refused ones cannot push them out. */
  private read(query: string): Prepared {
    const known = this.known.get(query)
    if (known !== undefined) return { document: known }
    const parsed = parsedWithin(query, this.limits)
    if ('errors' in parsed) return parsed
    const errors = documentErrors(this.schema, parsed.document, this.limits)
    if (errors.length > 0) return { errors }
    if (this.known.size >= TEXTS_MAX) this.known.delete(this.known.keys().next().value as string)
    this.known.set(query, parsed.document)
    return parsed
  }
}

// 256 texts of at most 16 KiB: under 50 MB with their trees, whatever is sent.
const TEXTS_MAX = 256

/** `query` as a document of bounded size. */
export function parsedWithin(query: string, { textLengthMax, tokensMax }: GraphLimits): Prepared {
  if (query.length > textLengthMax)
    return { errors: [overLimit('TEXT_TOO_LONG', 'text', { most: textLengthMax, found: query.length })] }
  try {
    return { document: parse(query, { maxTokens: tokensMax }) }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    return { errors: [error.message.includes('tokens') ? tooManyTokens(tokensMax) : error] }
  }
}

const tooManyTokens = (most: number) =>
  graphError('TOO_MANY_TOKENS', `at most ${most} (limit tokens)`, { extensions: { limit: 'tokens', most } })

/** Limits first; the rules of the specification only for what is within them. */
export function documentErrors(
  schema: GraphQLSchema,
  document: DocumentNode,
  limits: GraphLimits,
): readonly GraphQLError[] {
  const passed = validate(schema, document, limitRules(limits))
  return passed.length > 0 ? passed : validate(schema, document, specifiedRules, { maxErrors: ERRORS_MAX })
}

// 10: enough to mend a query; every error costs time and repeats what was sent.
const ERRORS_MAX = 10

export const hasSubscription = (document: DocumentNode): boolean =>
  document.definitions.some(each => each.kind === Kind.OPERATION_DEFINITION && each.operation === 'subscription')
