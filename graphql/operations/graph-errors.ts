// What GraphQL answers as `errors`: limits, references that are not clear, faults. What the twin decides about an event
// is an Outcome, which is data. Codes are stable; docs/PROBLEMS.md lists them and a test keeps both equal.
import { GraphQLError, type GraphQLErrorOptions } from 'graphql'

export const GRAPH_ERRORS = {
  SYNTAX: 'The text is no GraphQL',
  INVALID: 'The operation does not fit the schema',
  TEXT_TOO_LONG: 'The query text is longer than allowed',
  TOO_MANY_TOKENS: 'The query has more tokens than allowed',
  TOO_DEEP: 'The query nests deeper than allowed',
  TOO_MANY_ALIASES: 'The query has more aliases than allowed',
  TOO_MANY_DIRECTIVES: 'The query has more directives than allowed',
  PAGE_TOO_LARGE: 'A page is larger than allowed',
  LIST_TOO_LONG: 'A list argument is longer than allowed',
  TOO_COSTLY: 'The operation may reach more objects than allowed',
  RESULT_TOO_LARGE: 'The answer holds more objects than allowed',
  BAD_TEXT: 'A string holds NUL or half a surrogate pair',
  BAD_ARGUMENT: 'An argument cannot be used',
  BAD_CURSOR: 'This is none of our cursors',
  AMBIGUOUS_REFERENCE: 'Several hold this reference',
  RETIRED: 'The order was retired',
  UNKNOWN_REFERENCE: 'Nobody knows this reference',
  UNKNOWN_EXCEPTION: 'There never was such an exception',
  NOT_AN_OPERATOR: 'Nobody who may do this is named',
  ACT_REFUSED: 'It was not done',
  SELECTION_CHANGED: 'The filter selects others than when its token was given',
  TOO_MANY_SELECTED: 'The filter selects more exceptions than one mutation acts on',
  UNAVAILABLE: 'The store cannot take it now',
  SUBSCRIPTION_OVER_HTTP: 'Subscriptions are served over WebSocket',
  TOO_MANY_OPERATIONS: 'The socket has as many operations as allowed',
  TOO_FAR_BEHIND: 'The reader does not keep up',
  INTERNAL: 'A fault of ours',
} as const
export type GraphErrorCode = keyof typeof GRAPH_ERRORS

/** An error that says what it is; `detail` in words, `more` as further extensions. */
export function graphError(
  code: GraphErrorCode,
  detail?: string,
  { extensions, ...more }: GraphQLErrorOptions = {},
): GraphQLError {
  const message = detail === undefined ? GRAPH_ERRORS[code] : `${GRAPH_ERRORS[code]}: ${detail}`
  return new GraphQLError(message, { ...more, extensions: { ...extensions, code } })
}

/** A limit that was passed, by name and value. */
export const overLimit = (
  code: GraphErrorCode,
  limit: string,
  { most, found, ...more }: { most: number; found: number } & GraphQLErrorOptions,
): GraphQLError =>
  graphError(code, `${found}, at most ${most} (limit ${limit})`, { ...more, extensions: { limit, most } })

/**
 * `error` as clients may see it. What we threw on purpose and what graphql-js says of the request stay; anything else is
 * a fault of ours, reported and told without its words.
 */
export function shownError(error: GraphQLError, report: (error: unknown) => void): GraphQLError {
  if (String(error.extensions.code) in GRAPH_ERRORS) return error
  const { originalError, nodes, path, source, positions } = error
  if (originalError === undefined || originalError instanceof GraphQLError)
    return graphError(error.message.startsWith('Syntax Error') ? 'SYNTAX' : 'INVALID', error.message, {
      nodes,
      path,
      source,
      positions,
    })
  report(originalError)
  return graphError('INTERNAL', undefined, { nodes, path })
}
