// Every limit of the network face, with its reason. What happens at each is named in problems.ts or is an outcome.

export interface Limits {
  /** One event: a body in structured or binary mode, or a line of a stream. */
  readonly eventBytesMax: number
  readonly batchBytesMax: number
  readonly batchEventsMax: number
  /** A stream is handed to the twin in groups of at most so many events, so many groups at a time. */
  readonly groupEventsMax: number
  readonly groupsInFlightMax: number
  /** A stream is not read for so long after the inbox turned some of it away. */
  readonly streamRestMs: number
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
  /** Bodies up to this size, and of many events up to that, are read however much is to be done; larger ones where there is room. */
  readonly smallBodyBytes: number
  readonly smallBatchBytes: number
  /** How long, at the pace of late, a body may have to wait for those let in before it. */
  readonly admittedWaitMsMax: number
  /** So many bytes are let in at any pace, and no more than so many. */
  readonly admittedBytesMin: number
  readonly admittedBytesMax: number
  /** The pace until it is known, bytes a millisecond. */
  readonly paceBytesPerMs: number
  /** After that long a body that has not arrived holds no room any more. */
  readonly arrivalMsMax: number
  /** Mean delay of the event loop beyond which large bodies are turned away unread; at twice that, all requests are. */
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
  // What an inbox holds is judged in half a second.
  streamRestMs: 500,
  patienceMs: 10_000,
  headersTimeoutMs: 8_000,
  checkEveryMs: 1_000,
  idleSocketMs: 15_000,
  keepAliveMs: 10_000,
  lingerMs: 2_000,
  drainMs: 10_000,
  // 4,096 sockets hold about 100 MB with their buffers.
  connectionsMax: 4_096,
  // 16 KiB: an order of sixty lines; it came with its headers in one read of the socket, and is one event to be judged or refused.
  smallBodyBytes: 16 * 1024,
  // 2 KiB: some seven events. Measured: batches of fifty, read and refused by the inbox, took three quarters of what could be judged.
  smallBatchBytes: 2 * 1024,
  // 200 ms: two turns of the engine and more. The more is let in ahead, the longer all of it waits, and the further events of one order
  // that come from several systems overtake each other. At half a second a third of them had to be judged twice.
  admittedWaitMsMax: 200,
  // 1.25 MiB: one sender has half of it, four bodies of 500 events: one that is being judged, and the next ones at hand. With room for
  // three, four connections that send as fast as they can were turned away every third time, and rested where there was work; with room
  // for five, a source that sends little waited twice as long under overload as at peak.
  admittedBytesMin: 1280 * 1024,
  // 32 MiB: several times what is judged in 0.2 s on a fast machine. Batches of few large events, or mostly of white space, make the pace
  // look far higher, and what is let in is held until it is judged.
  admittedBytesMax: 32 * 1024 * 1024,
  // 4 KB: some 14 events; measured on two small cores.
  paceBytesPerMs: 4_000,
  arrivalMsMax: 250,
  // 300 ms: well above the longest turn of the engine, well below what a sender calls a time-out.
  loopDelayMaxMs: 300,
  loopSampleMs: 500,
}
