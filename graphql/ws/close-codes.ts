// Why we close a socket. Codes from 4400 on that are not here are those of the subprotocol; docs/PROBLEMS.md lists ours.

export const CLOSE_CODES = {
  shutting_down: 1001,
  too_far_behind: 4413,
  idle: 4418,
} as const
export type CloseReason = keyof typeof CLOSE_CODES

// A close frame carries 123 bytes.
const REASON_BYTES_MAX = 123

/** The reason's name and, where reading can be resumed, after which cursor. */
export const closeReason = (reason: CloseReason, cursor?: string): string =>
  (cursor === undefined ? reason : `${reason}; after ${cursor}`).slice(0, REASON_BYTES_MAX)
