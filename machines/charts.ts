// The charts in force, one per kind of actor.
import type { Chart } from './chart.ts'
import type { EntityKind } from './ids.ts'
import { orderChart } from './order/chart.ts'
import { returnChart } from './return/chart.ts'
import { shipmentChart } from './shipment/chart.ts'

export type Charts = Readonly<Record<EntityKind, Chart>>

export const CHARTS: Charts = { order: orderChart, shipment: shipmentChart, return: returnChart }
