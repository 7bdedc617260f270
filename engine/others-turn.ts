// Others' turn: how long work that need not be done at once lets others go first.

/** Resolves once everything else that has come in this turn of the event loop has had its turn. */
export const othersTurn = (): Promise<void> => new Promise(resolve => void setImmediate(resolve))
