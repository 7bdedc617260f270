// Chart: lines over one axis, or bars beside each other, drawn as an SVG that needs nothing else. Pure.

export type Chart = LineChart | BarChart

export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface LineChart {
  readonly title: string
  readonly x: string
  readonly y: string
  /** `percentile`: x runs from 0 to 100 and is stretched towards its end, where what matters is. */
  readonly scale?: 'linear' | 'percentile'
  readonly lines: readonly Line[]
  /** What was to be so from one x to another; where lines are drawn. */
  readonly spans?: readonly ChartSpan[]
}

export interface ChartSpan {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** One figure for each of a few things that have no order. */
export interface BarChart {
  readonly title: string
  /** What the figures count. */
  readonly unit: string
  readonly bars: readonly Bar[]
}

export interface Bar {
  readonly name: string
  readonly value: number
}

export const svgOf = (chart: Chart): string => ('bars' in chart ? barsOf(chart) : linesOf(chart))

const [WIDTH, HEIGHT] = [720, 280]
const MARGIN = { left: 76, right: 16, top: 12, bottom: 44 }
const COLORS = ['#1f6feb', '#d1242f', '#1a7f37', '#9a6700', '#8250df', '#57606a', '#bf3989', '#0a7ea4', '#953800']
// Beyond this a screen cannot show more, and a long soak would make the page huge.
const POINTS_MAX = 600
const TICKS = 5
const PERCENTILE_TICKS = [0, 50, 90, 99, 99.9, 99.99]

function linesOf(chart: LineChart): string {
  const lines = chart.lines.map(line => ({ ...line, points: thinned(line.points) })).filter(hasPoints)
  const xs = lines.flatMap(line => line.points.map(([x]) => along(chart, x)))
  const ys = lines.flatMap(line => line.points.map(([, y]) => y))
  const xMax = Math.max(most(xs), least(xs) + 1e-9)
  // What begins close to nothing begins at nothing.
  const xMin = least(xs) > 0 && least(xs) < xMax / TICKS ? 0 : least(xs)
  const yMax = roundUp(most(ys))
  const left = (x: number) =>
    MARGIN.left + ((along(chart, x) - xMin) / (xMax - xMin)) * (WIDTH - MARGIN.left - MARGIN.right)
  const top = (y: number) => HEIGHT - MARGIN.bottom - (y / yMax) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const path = (points: Line['points']) =>
    points.map(([x, y]) => `${left(x).toFixed(1)},${top(y).toFixed(1)}`).join(' ')
  const ticks = chart.scale === 'percentile' ? PERCENTILE_TICKS : roundTicks(xMin, xMax)
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(chart.title)}">`,
    ...(chart.spans ?? [])
      .filter(({ from, to }) => from < xMax && to > xMin)
      .map(span => shade(span, left, [xMin, xMax])),
    ...steps(0, yMax).map(y => gridLine(top(y), label(y))),
    ...ticks
      .filter(x => along(chart, x) >= xMin && along(chart, x) <= xMax)
      .map(x => `<text x="${left(x).toFixed(1)}" y="${HEIGHT - 26}" text-anchor="middle">${label(x)}</text>`),
    `<text x="${WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escaped(chart.x)}</text>`,
    `<text transform="translate(12 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${escaped(chart.y)}</text>`,
    ...lines.map(
      ({ points }, index) =>
        `<polyline fill="none" stroke="${colorOf(index)}" stroke-width="1.5" points="${path(points)}"/>`,
    ),
    '</svg>',
    `<p class="legend">${lines.map(({ name }, index) => `<span style="color:${colorOf(index)}">■</span> ${escaped(name)}`).join(' &nbsp; ')}</p>`,
  ].join('\n')
}

const [BAR_LEFT, BAR_RIGHT, BAR_HEIGHT] = [220, 70, 22]

/** From nothing, so that their lengths may be compared. */
function barsOf({ bars, title, unit }: BarChart): string {
  const longest = most(bars.map(({ value }) => value)) || 1
  const height = bars.length * BAR_HEIGHT
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height + 24}" role="img" aria-label="${escaped(title)}">`,
    ...bars.map(({ name, value }, index) => {
      const length = (Math.max(0, value) / longest) * (WIDTH - BAR_LEFT - BAR_RIGHT)
      const y = index * BAR_HEIGHT
      return (
        `<text x="${BAR_LEFT - 6}" y="${y + 15}" text-anchor="end">${escaped(name)}</text>` +
        `<rect x="${BAR_LEFT}" y="${y + 3}" width="${length.toFixed(1)}" height="${BAR_HEIGHT - 6}" fill="${COLORS[0]}"/>` +
        `<text x="${(BAR_LEFT + length + 6).toFixed(1)}" y="${y + 15}">${label(value)}</text>`
      )
    }),
    `<text x="${BAR_LEFT}" y="${height + 16}">${escaped(unit)}</text>`,
    '</svg>',
  ].join('\n')
}

/** Where x stands on its axis: nines are as far apart as 0 and 90. */
const along = ({ scale }: LineChart, x: number): number =>
  scale === 'percentile' ? -Math.log10(Math.max(1e-5, 1 - x / 100)) : x

function shade(
  { from, name, to }: ChartSpan,
  left: (x: number) => number,
  [xMin, xMax]: readonly [number, number],
): string {
  const [begin, end] = [left(Math.max(from, xMin)), left(Math.min(to, xMax))]
  const [x, height] = [begin.toFixed(1), HEIGHT - MARGIN.top - MARGIN.bottom]
  return (
    `<rect x="${x}" y="${MARGIN.top}" width="${(end - begin).toFixed(1)}" height="${height}" fill="#fff8c5"/>` +
    `<text x="${(begin + 3).toFixed(1)}" y="${MARGIN.top + 12}" fill="#57606a">${escaped(name)}</text>`
  )
}

const gridLine = (y: number, text: string): string =>
  `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#d0d7de"/>` +
  `<text x="${MARGIN.left - 6}" y="${(y + 4).toFixed(1)}" text-anchor="end">${text}</text>`

function thinned(points: Line['points']): Line['points'] {
  const every = Math.ceil(points.length / POINTS_MAX)
  return every <= 1 ? points : points.filter((_, index) => index % every === 0 || index === points.length - 1)
}

const hasPoints = ({ points }: Line): boolean => points.length > 0
const colorOf = (index: number): string => COLORS[index % COLORS.length] as string
const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), values[0] ?? 0)
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), values[0] ?? 1)

const steps = (from: number, to: number): readonly number[] =>
  Array.from({ length: TICKS + 1 }, (_, index) => from + ((to - from) * index) / TICKS)

/** Round numbers from the first at or after `from`, about TICKS of them. */
function roundTicks(from: number, to: number): readonly number[] {
  const step = roundUp((to - from) / TICKS)
  const first = Math.ceil(from / step)
  const count = Math.floor(to / step + 1e-9) - first + 1
  return Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * step)
}

/** The next number of which a fifth is round. */
function roundUp(value: number): number {
  if (!(value > 0)) return 1
  const unit = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find(times => times * unit >= value * (1 - 1e-9)) ?? 10) * unit
}

const label = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 4 })

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
