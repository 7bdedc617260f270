// The systems of the simulated distributor: one company, two nodes (one run by a 3PL), two carriers; and the ERP of another company, which
// owns nothing here.
import type { Source } from '../../machines/sources.ts'

const timeZone = 'UTC'

const ALL = [
  { id: 'webshop', role: 'channel', timeZone },
  { id: 'edi', role: 'channel', timeZone },
  { id: 'erp', role: 'erp', companies: ['US01'], timeZone },
  { id: 'wms-east', role: 'wms', nodes: ['EAST'], timeZone },
  { id: '3pl-west', role: '3pl', nodes: ['WEST'], timeZone },
  { id: 'parcel-one', role: 'carrier', carriers: ['PARCEL-ONE'], timeZone },
  { id: 'freight-two', role: 'carrier', carriers: ['FREIGHT-TWO'], timeZone },
  { id: 'erp-eu', role: 'erp', companies: ['EU01'], timeZone },
] as const satisfies readonly Source[]

export type SourceId = (typeof ALL)[number]['id']
export const SOURCES: readonly (Source & { readonly id: SourceId })[] = ALL

/** Where goods leave from, and who says so. */
export const NODES = [
  { node: 'EAST', source: 'wms-east' },
  { node: 'WEST', source: '3pl-west' },
] as const

/** Who carries them, and who says so. */
export const CARRIERS = [
  { carrier: 'PARCEL-ONE', source: 'parcel-one' },
  { carrier: 'FREIGHT-TWO', source: 'freight-two' },
] as const
