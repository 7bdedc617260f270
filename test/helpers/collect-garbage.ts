// Collects garbage now: for who asks what memory holds, or what holds on to something.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** A full collection. What was referred to weakly in this turn of the event loop stays. */
export const collectGarbage = runInNewContext('gc') as () => void
