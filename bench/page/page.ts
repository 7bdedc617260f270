// The report page: one HTML file that needs nothing else: figures, charts, the oracle's verdict, the command to repeat it. Pure.
import { codeText } from '../code-now.ts'
import { type Figures, type Report, readText, shown, verdictText } from '../report.ts'
import { type Chart, escaped, svgOf } from './chart.ts'

export interface PageContent {
  readonly report: Report
  readonly charts: readonly Chart[]
}

export function pageOf({ charts, report }: PageContent): string {
  const { code, command, machine, notes, oracle, played, ratios, results, scenario, seed, summary } = report
  const title = `Ordertwin bench: ${scenario}`
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    `<p class="${oracle.green ? 'green' : 'red'}">The oracle is ${oracle.green ? 'green' : 'red: the numbers do not count'}.</p>`,
    ...(summary === undefined || !oracle.green ? [] : [`<p><strong>${escaped(summary)}</strong></p>`]),
    `<p>Seed ${seed}. ${escaped(machine.cpu)}, ${machine.cores} cores, ${machine.memoryGb} GB, ${escaped(machine.platform)}, Node ${escaped(machine.node)}, ${escaped(machine.sync)}, ${machine.syncMs} ms each; ${escaped(readText(machine))}; load average ${machine.busy} at the start; ${escaped(codeText(code))}.</p>`,
    `<pre>${escaped(command)}</pre>`,
    tableOf('Results', results, report),
    tableOf('Ratios', ratios, report),
    ...charts.map(chart => `<h2>${escaped(chart.title)}</h2>\n${svgOf(chart)}`),
    ...(played === undefined ? [] : ['<h2>What was played</h2>', `<pre>${escaped(readable(played))}</pre>`]),
    '<h2>What was checked</h2><ul>',
    ...oracle.broken.map(fact => `<li class="red">broken: ${escaped(fact)}</li>`),
    ...oracle.held.map(fact => `<li>${escaped(fact)}</li>`),
    '</ul>',
    ...(notes.length === 0 ? [] : ['<h2>Notes</h2><ul>', ...notes.map(note => `<li>${escaped(note)}</li>`), '</ul>']),
    '</body></html>',
    '',
  ].join('\n')
}

const UNITS = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const

/** A scenario as its file has it, times in the largest unit that is not larger than they are. */
function readable(played: object): string {
  const text = (key: string, value: unknown) => {
    if (!key.endsWith('Ms') || typeof value !== 'number') return value
    const [ms, unit] = UNITS.find(([ms]) => value >= ms) ?? [1, 'ms']
    return `${shown(value / ms)} ${unit}`
  }
  return JSON.stringify(played, text, 2)
}

function tableOf(title: string, figures: Figures, report: Report): string {
  const rows = Object.entries(figures).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [`<tr><td>${escaped(key)}</td><td>${shown(value)}</td><td>${verdict(report, key, value)}</td></tr>`],
  )
  return rows.length === 0 ? '' : `<h2>${title}</h2><table>${rows.join('')}</table>`
}

function verdict({ results, scenario }: Report, key: string, value: number): string {
  const text = verdictText(scenario, key, value, results.orders)
  const color = text.endsWith(': met') ? ' class="green"' : text.endsWith(': missed') ? ' class="red"' : ''
  return text === '' ? '' : `<span${color}>${text}</span>`
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:760px;margin:2em auto;padding:0 1em;color:#1f2328}
svg{width:100%;height:auto;font-size:12px}td{padding:2px 1.5em 2px 0}td+td{text-align:right;font-variant-numeric:tabular-nums}
pre{background:#f6f8fa;padding:.7em;overflow:auto}.legend{margin:0 0 1.5em;font-size:13px}.green{color:#1a7f37}.red{color:#d1242f}`
