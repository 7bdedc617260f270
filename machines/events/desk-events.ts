// What people of the order desk do about exceptions (domain §6), as events: journaled, counted once and seen like any other.
// They move no actor. `about` names each exception by its family and its key there: one cause may be in several orders.
import { z } from 'zod'
import { text } from './fields.ts'
import { personal } from './personal.ts'

/** Who takes care of exceptions (domain §6). */
export const TEAMS = ['finance', 'customer_service', 'logistics', 'master_data', 'integration'] as const
export type Team = (typeof TEAMS)[number]

// 1,200: a key is a kind, an actor (node and number) and a part (source and event id), each of which is a text of at most 256.
const exceptionKey = z.string().min(1).max(1_200)
// 260: an order's id, or `ref:` and a number.
const familyId = z.string().min(1).max(260)
// 100: each costs an entry that carries all of them, so that a hundred take about a megabyte. What is about more is several acts.
export const ABOUT_MAX = 100
const about = z
  .array(z.object({ family: familyId, exception: exceptionKey }))
  .min(1)
  .max(ABOUT_MAX)

// 1,000 characters: why somebody did it, in a sentence or two; what is longer is a note.
export const REASON_LENGTH_MAX = 1_000
// 4,000 characters: as much as any remark of a partner may have.
export const NOTE_LENGTH_MAX = 4_000
export const PERSON_LENGTH_MAX = 128
const reason = personal(z.string().trim().min(1).max(REASON_LENGTH_MAX))

/** The event behind an exception, by its source and its id there. */
const behind = z.object({ source: text, id: text })

/** Neither team nor person: nobody's any more. */
export const exceptionAssigned = () =>
  z.object({
    about,
    team: z.enum(TEAMS).optional(),
    person: z.string().trim().min(1).max(PERSON_LENGTH_MAX).optional(),
  })
export const exceptionNoted = () => z.object({ about, text: personal(z.string().trim().min(1).max(NOTE_LENGTH_MAX)) })
export const exceptionRetried = () => z.object({ about, event: behind, reason })
export const exceptionDiscarded = () => z.object({ about, event: behind, reason })

/**
 * What waits under `number` (of one `kind`, or of any) is about `actor` of `family`. `count`: how many events that is; where it
 * is another number by now, nothing happens.
 */
export const referenceLinked = () =>
  z.object({
    number: text,
    kind: text.optional(),
    family: familyId,
    actor: z.string().min(1).max(600),
    count: z.int().min(0).optional(),
    reason,
  })
