// Finding: what a connector could not take from what it read, and where. Data, never an exception: the rest goes on.

export interface Finding {
  /** Where in what was read: a path such as `events[12].time`, `line 7`, or the id of a log event. */
  readonly where: string
  readonly message: string
}

/** A document that cannot be taken at all, or that has more wrong with it than one wants to read, is cut off here. */
export const FINDINGS_MAX = 20
