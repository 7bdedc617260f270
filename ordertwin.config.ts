// The systems this twin listens to. Roles decide who may report what; scopes (nodes, carriers, companies) decide for whom.
import { defineConfig } from './cli/config.ts'

export default defineConfig({
  data: 'store',
  sources: [
    { id: 'webshop', role: 'channel', timeZone: 'Europe/Berlin' },
    { id: 'crm', role: 'crm', timeZone: 'Europe/Berlin' },
    { id: 'erp', role: 'erp', companies: ['EU01'], timeZone: 'Europe/Berlin' },
    { id: 'wms-east', role: 'wms', nodes: ['DC-EAST'], timeZone: 'Europe/Berlin' },
    { id: '3pl-west', role: '3pl', nodes: ['DC-WEST'], timeZone: 'Europe/Lisbon' },
    { id: 'tms', role: 'tms', timeZone: 'Europe/Berlin' },
    // People of the order desk, by name: what they do about exceptions is theirs in the history.
    { id: 'anna.keller', role: 'operator', timeZone: 'Europe/Berlin' },
    { id: 'parcel-one', role: 'carrier', carriers: ['PARCEL-ONE'], timeZone: 'Europe/Berlin' },
  ],
})
