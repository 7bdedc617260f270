// Report: what a scenario found, as one JSON object or a table. Numbers count only when the oracle is green.
import { cpus, loadavg, totalmem } from 'node:os'
import type { Code } from './code-now.ts'
import { readNsNow } from './memory-now.ts'
import type { Chart } from './page/chart.ts'
import { syncNow } from './sync-now.ts'
import { boundText, isMet, isOfSize, ordersOf, targetOf } from './targets.ts'

/** Figures by key; undefined ones were not measured. */
export type Figures = Readonly<Record<string, number | undefined>>

export interface Oracle {
  readonly green: boolean
  /** What was checked and held. */
  readonly held: readonly string[]
  /** What was not as it must be. */
  readonly broken: readonly string[]
}

export interface Findings {
  /** What it comes to, in a few sentences; undefined where the figures speak for themselves. */
  readonly summary?: string
  readonly results: Figures
  readonly ratios: Figures
  readonly oracle: Oracle
  /** For the report page; not part of the JSON object. */
  readonly charts?: readonly Chart[]
  /** What was left out, and why. */
  readonly notes?: readonly string[]
  /** The scenario's own data, where it is data: who reads the report has not got the file, or another version of it. */
  readonly played?: object
}

export interface Report {
  readonly scenario: string
  readonly seed: number
  readonly summary: string | undefined
  readonly machine: Machine
  readonly results: Figures
  readonly ratios: Figures
  readonly oracle: Oracle
  /** What was left out, and why. */
  readonly notes: readonly string[]
  readonly played: object | undefined
  /** What to type to run it again. */
  readonly command: string
  readonly code: Code
}

export type Machine = ReturnType<typeof machineNow>

/** The machine and the disk that `data` lies on, and how busy others kept it: `busy` is the load average at the start. */
export const machineNow = (data: string) => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 1e9),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  ...syncNow(data),
  readNs: readNsNow(),
  busy: Math.round((loadavg()[0] ?? 0) * 100) / 100,
})

export const readText = ({ readNs }: Pick<Machine, 'readNs'>): string => `a read of memory ${readNs} ns`

export function tableOf({ machine, oracle, ratios, results, scenario, seed, summary }: Report): string {
  const row = ([key, value]: [string, number | undefined]) =>
    value === undefined
      ? []
      : [
          `  ${key.padEnd(40)}${[shown(value), verdictText(scenario, key, value, results.orders)].join('   ').trimEnd()}`,
        ]
  return [
    `${scenario}, seed ${seed}`,
    `  ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, load ${machine.busy}`,
    `  sync: ${machine.sync}, ${machine.syncMs} ms each; ${readText(machine)}`,
    ...Object.entries(results).flatMap(row),
    ...Object.entries(ratios).flatMap(row),
    ...oracle.held.map(fact => `  held: ${fact}`),
    ...oracle.broken.map(fact => `  BROKEN: ${fact}`),
    oracle.green ? '  oracle: green' : '  oracle: RED, the numbers do not count',
    ...(summary === undefined || !oracle.green ? [] : [summary]),
  ].join('\n')
}

/** What a figure comes to beside its target; nothing where it has none. */
export function verdictText(scenario: string, key: string, value: number, orders: number | undefined): string {
  const target = targetOf(scenario, key)
  if (target === undefined) return ''
  if (!isOfSize(target, orders)) return `target ${boundText(target)}, of ${shown(ordersOf(target))} orders`
  return `target ${boundText(target)}: ${isMet(target, value) ? 'met' : 'missed'}`
}

export const shown = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 3 : 0 })

export const rounded = (value: number, decimals = 0): number => Math.round(value * 10 ** decimals) / 10 ** decimals
