// OcelLog: an OCEL 2.0 JSON document with its shape checked, whatever business it is about.
import { z } from 'zod'
import { instantMs } from '../../machines/time.ts'
import { FINDINGS_MAX, type Finding } from '../finding.ts'

const relationship = z.object({ objectId: z.string(), qualifier: z.string().optional() })
const attribute = z.object({ name: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) })
const typeName = z.object({ name: z.string() })

/** Objects and events may come without attributes or relationships, which the standard allows to leave out. */
const ocelDocument = z.object({
  objectTypes: z.array(typeName),
  eventTypes: z.array(typeName),
  objects: z.array(
    z.object({
      id: z.string().min(1),
      type: z.string(),
      attributes: z.array(attribute).default([]),
      relationships: z.array(relationship).default([]),
    }),
  ),
  events: z.array(
    z.object({
      id: z.string().min(1),
      type: z.string(),
      time: z.string().transform(epochMs),
      relationships: z.array(relationship).default([]),
    }),
  ),
})

/** Event times are epoch milliseconds; neither objects nor events are in any order. */
export type OcelLog = z.output<typeof ocelDocument>
export type OcelObject = OcelLog['objects'][number]
export type OcelEvent = OcelLog['events'][number]

export type ParsedOcel = { readonly log: OcelLog } | { readonly findings: readonly Finding[] }

/** Checks that `json` is an OCEL 2.0 document. Pure; at most `FINDINGS_MAX` findings. */
export function parseOcel(json: unknown): ParsedOcel {
  const parsed = ocelDocument.safeParse(json)
  if (parsed.success) return { log: parsed.data }
  return { findings: parsed.error.issues.slice(0, FINDINGS_MAX).map(findingOf) }
}

function epochMs(text: string, context: z.RefinementCtx): number {
  const ms = instantMs(text)
  if (ms !== undefined) return ms
  context.addIssue({ code: 'custom', message: `is no time with offset: ${text}` })
  return z.NEVER
}

function findingOf(issue: z.core.$ZodIssue): Finding {
  const steps = issue.path.map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
  return { where: steps.join('').replace(/^\./, '') || 'document', message: issue.message }
}
