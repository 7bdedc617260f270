// Limits of one GraphQL operation, over HTTP and WebSocket alike, with their reasons. What happens at each is a GraphQL
// error with a code of operations/graph-errors.ts that names the limit.

export interface GraphLimits {
  /** Characters of the query text. */
  readonly textLengthMax: number
  readonly tokensMax: number
  readonly depthMax: number
  /** Introspection nests types in types; it has a bound of its own. */
  readonly introspectionDepthMax: number
  readonly aliasesMax: number
  readonly directivesMax: number
  /** Elements of a connection asked for at once. */
  readonly pageMax: number
  /** Elements of a list argument; events have a limit of their own. */
  readonly listMax: number
  readonly eventsMax: number
  /** Exceptions that one mutation acts on. */
  readonly bulkMax: number
  /** Characters of what a client names its request by. */
  readonly requestIdLengthMax: number
  /** Objects an operation may reach at most, as far as its text tells (operations/cost.ts). */
  readonly costMax: number
  /** Objects of plain lists (lines, entries, …) it really may bring. */
  readonly itemsMax: number
}

export const GRAPH_LIMITS: GraphLimits = {
  // 16,384: ten times the longest query of our console; the text of a thousand names fits.
  textLengthMax: 16_384,
  tokensMax: 1_000,
  depthMax: 8,
  // 15: the introspection query of common tools goes 13 deep.
  introspectionDepthMax: 15,
  aliasesMax: 15,
  directivesMax: 10,
  pageMax: 200,
  listMax: 200,
  eventsMax: 1_000,
  // 200: what a person can have looked at, a page; each is an entry in every order it is about.
  bulkMax: 200,
  // 200: it becomes the id of an event (256), to which a mutation about several appends 23.
  requestIdLengthMax: 200,
  // 5,000 objects: 200 orders with their lines and shipments; about 20 ms.
  costMax: 5_000,
  // 10,000 lines of 20 fields: about 100 ms of one turn.
  itemsMax: 10_000,
}

export interface SocketLimits {
  readonly frameBytesMax: number
  readonly operationsMax: number
  readonly initTimeoutMs: number
  /** A socket without any operation. */
  readonly idleMs: number
  readonly pingEveryMs: number
  /** How often stalls and idleness are looked for. */
  readonly checkEveryMs: number
  /** How long a reader may leave one message untaken. */
  readonly stallMs: number
  /** Bytes that wait for a reader who goes on asking without reading. */
  readonly unsentBytesMax: number
  /** Entries, or orders with an untold change, that one subscription keeps. */
  readonly backlogMax: number
  /** Changes of exceptions that are kept for the slowest reader of any. */
  readonly exceptionChangesMax: number
  /** After a close frame: time for the client to answer it. */
  readonly closeMs: number
}

export const SOCKET_LIMITS: SocketLimits = {
  frameBytesMax: 1024 * 1024,
  operationsMax: 20,
  initTimeoutMs: 3_000,
  idleMs: 60_000,
  pingEveryMs: 12_000,
  checkEveryMs: 2_000,
  // 15 s: a phone that changes cells comes back within ten.
  stallMs: 15_000,
  unsentBytesMax: 1024 * 1024,
  // 4,096 references to entries that live anyway; two seconds of full load.
  backlogMax: 4_096,
  // 262,144: all that can fall due at once with a million orders, at some 150 bytes; kept once for all readers.
  exceptionChangesMax: 262_144,
  closeMs: 5_000,
}
