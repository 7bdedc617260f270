// The shapes of what goes in and comes out, for the documents the server gives out about itself. machines/event.ts and
// engine/outcome.ts decide; the types below keep these schemas equal to them, and tests compare their behaviour.
import { z } from 'zod'
import { OUTCOMES, type Outcome } from '../../engine/outcome.ts'
import { type EventInput, REFERENCE_KINDS } from '../../machines/event.ts'
import { eventTypeNames } from '../../machines/event-types.ts'

const attribute = z.string().min(1).max(256)
const counter = z.union([z.int().min(0), z.string().regex(/^\d{1,16}$/)])

const SUBJECT = new RegExp(`^(order|shipment|return|ref|ref/(${REFERENCE_KINDS.join('|')}))/.+$`)

/** A CloudEvent as senders write it, data aside. */
export const eventEnvelope = z.looseObject({
  specversion: z.literal('1.0').optional(),
  id: attribute.describe('Unique within its source, for ever: the same id again is the same event.'),
  source: attribute.describe('The id of the sending system, as configured.'),
  type: z.enum(eventTypeNames).describe('The canonical event.'),
  subject: attribute
    .regex(SUBJECT)
    .describe('What it is about: order/104582, shipment/S-1, return/R-7, ref/NUMBER or ref/KIND/NUMBER.'),
  time: z.iso.datetime({ offset: true }).describe('When it happened: RFC 3339 with offset.'),
  dataschema: z
    .union([z.string(), z.int().min(1)])
    .optional()
    .describe('Version of the data, as a number or a URI that ends in one; 1 when absent.'),
  expectedversion: counter.optional().describe('Refuse with version_conflict unless the entity is at this version.'),
  sequence: counter.optional().describe("The source's own counter."),
  correlationid: attribute.optional(),
  causationid: attribute.optional(),
  traceparent: attribute.optional(),
  data: z.unknown(),
}) satisfies z.ZodType<EventInput>

const owner = z.enum(['channel', 'erp', 'node', 'transport', 'twin', 'any', 'operator'])
const move = z.object({ event: z.string(), owner })
const code = z.enum(OUTCOMES)

/** What one event came to. */
export const outcomeSchema = z.object({
  id: z.string().optional(),
  outcome: code,
  position: z.string().optional().describe('Where it stands in the journal; opaque, comparable within one order.'),
  entity: z.string().optional(),
  version: z.int().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  code: z.string().optional().describe('Tells two answers of the same outcome apart.'),
  reason: z.string().optional(),
  owner: owner.optional(),
  attemptedBy: z.string().optional(),
  allowedNow: z.array(move).optional(),
  waitsFor: move.optional(),
  flaws: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  locked: z.array(z.string()).optional(),
  first: code.optional(),
  now: code.optional(),
  get families() {
    return z.array(outcomeSchema).optional()
  },
  get led() {
    return z.array(outcomeSchema).optional()
  },
  order: z.string().optional(),
})

/** Both ways: neither knows a member that the other does not. */
type Same<A, B> = [keyof A, keyof B] extends [keyof B, keyof A] ? true : never
export const schemasAreComplete: [
  Same<z.output<typeof outcomeSchema>, Outcome>,
  Same<{ [Key in keyof typeof eventEnvelope.shape]: 1 }, EventInput>,
] = [true, true]
