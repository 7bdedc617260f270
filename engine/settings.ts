// Settings: charts, event schema versions and sources in force, journaled when they change, so that the journal explains itself.
import type { Charts } from '../machines/charts.ts'
import { EVENT_TYPES } from '../machines/event-types.ts'
import type { Source } from '../machines/sources.ts'
import { canonicalText } from './documents.ts'
import { packSettings, unpackSettings } from './entry-codec.ts'

/** What is in force, as the journal keeps it and as text to compare. */
export function currentSettings(
  charts: Charts,
  sources: readonly Source[],
): { readonly body: Uint8Array; readonly text: string } {
  const settings = {
    charts: Object.fromEntries(
      Object.entries(charts).map(([kind, chart]) => [kind, { version: chart.version, regions: chart.regions }]),
    ),
    schemas: Object.fromEntries(Object.entries(EVENT_TYPES).map(([type, entry]) => [type, entry.versions.length])),
    sources,
  }
  return { body: packSettings(settings), text: canonicalText(settings) }
}

/** The text of journaled settings; undefined where there are none. */
export const latestSettings = (body: Uint8Array | undefined): string | undefined =>
  body === undefined ? undefined : canonicalText(unpackSettings(body))
