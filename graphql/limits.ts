// Every limit of the network face, with its reason. What happens at each is named in problems.ts or is an outcome.

export interface Limits {
  /** One event: a body in structured or binary mode, or a line of a stream. */
  readonly eventBytesMax: number
  readonly batchBytesMax: number
  readonly batchEventsMax: number
  /** A stream is handed to the twin in groups of at most so many events, so many groups at a time. */
  readonly groupEventsMax: number
  readonly groupsInFlightMax: number
  /** How long a client may keep us waiting: for the rest of a body, the next line of a stream, or room for answers. */
  readonly patienceMs: number
  readonly headersTimeoutMs: number
  readonly checkEveryMs: number
  /** A socket on which nothing moves at all, in either direction, while a request is on it. */
  readonly idleSocketMs: number
  readonly keepAliveMs: number
  /** After a refusal in the middle of a body: time for the client to read our answer before the socket is cut. */
  readonly lingerMs: number
  /** When the server closes: time for requests in flight to end before their sockets are cut. */
  readonly drainMs: number
  readonly connectionsMax: number
  /** Mean delay of the event loop beyond which requests are turned away before their body is read. */
  readonly loopDelayMaxMs: number
  readonly loopSampleMs: number
}

export const DEFAULT_LIMITS: Limits = {
  // 256 KiB: an order of about 1,000 lines; larger documents are split by their sender.
  eventBytesMax: 256 * 1024,
  // 1 MiB and 1,000 events: one block of the journal.
  batchBytesMax: 1024 * 1024,
  batchEventsMax: 1_000,
  // 500 lines of 250 bytes are one or two socket reads; four groups keep the engine busy while answers are written.
  groupEventsMax: 500,
  groupsInFlightMax: 4,
  patienceMs: 10_000,
  headersTimeoutMs: 8_000,
  checkEveryMs: 1_000,
  idleSocketMs: 15_000,
  keepAliveMs: 10_000,
  lingerMs: 2_000,
  drainMs: 10_000,
  // 4,096 sockets hold about 100 MB with their buffers.
  connectionsMax: 4_096,
  // 300 ms: well above the longest turn of the engine, well below what a sender calls a time-out.
  loopDelayMaxMs: 300,
  loopSampleMs: 500,
}
