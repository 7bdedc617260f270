// The shape of `policies` in a configuration file: how long things may take (engine/deadlines/policies.ts).
import { z } from 'zod'
import { DEADLINES } from '../engine/deadlines/policies.ts'
import { ROLES } from '../machines/sources.ts'

const name = z.string().min(1).max(128)
const duration = z.int().positive()

export const policiesSchema = z.strictObject({
  /** Stand behind the defaults. Without `withinMs` nothing is owed. */
  deadlines: z
    .array(
      z.strictObject({
        deadline: z.enum(DEADLINES),
        source: name.optional(),
        node: name.optional(),
        serviceLevel: name.optional(),
        carrier: name.optional(),
        withinMs: duration.optional(),
      }),
    )
    .default([]),
  /** How long a source, all of a role, or everybody may be silent before what they say is stale. */
  silence: z
    .array(z.strictObject({ source: name.optional(), role: z.enum(ROLES).optional(), afterMs: duration }))
    .default([]),
})
