// Whole lines of NDJSON → groups of parsed values. Pure.
import { isUtf8 } from 'node:buffer'
import type { Limits } from '../limits.ts'
import { type Read, readTexts } from './strict-json.ts'

/** The lines in `bytes`, blank ones left out, read in groups of at most `groupEventsMax`. */
export function groupsOfLines(bytes: Buffer, limits: Limits): readonly Read[] {
  const texts = bytes.toString('utf8').split('\n').filter(isWritten)
  const isFine = isUtf8(bytes) && !texts.some(text => isTooLong(text, limits.eventBytesMax))
  const read = isFine ? readTexts(texts, bytes) : readDoubtful(bytes, limits)
  return groupsOf(read, limits.groupEventsMax)
}

const isWritten = (text: string): boolean => text.charCodeAt(0) === BRACE || !BLANK.test(text)
const BRACE = 0x7b
const BLANK = /^[ \t\r]*$/

// A UTF-16 unit takes at most three bytes, so most lines need no closer look.
const isTooLong = (text: string, bytesMax: number): boolean =>
  text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax

/** Line by line, so that one bad line does not spoil its neighbours. */
function readDoubtful(bytes: Buffer, limits: Limits): Read {
  const values: unknown[] = []
  const flaws = new Map<number, string>()
  for (const line of linesOf(bytes)) {
    const read = readLine(line, limits.eventBytesMax)
    const flaw = read.flaws.get(0)
    if (flaw !== undefined) flaws.set(values.length, flaw)
    values.push(read.values[0])
  }
  return { values, flaws }
}

function readLine(line: Buffer, bytesMax: number): Read {
  const flaw = line.length > bytesMax ? `is longer than ${bytesMax} bytes` : isUtf8(line) ? undefined : 'is not UTF-8'
  if (flaw !== undefined) return { values: [undefined], flaws: new Map([[0, flaw]]) }
  return readTexts([line.toString('utf8')], line)
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf('\n', start)
    const end = newline < 0 ? bytes.length : newline
    const line = bytes.subarray(start, end)
    if (isWritten(line.toString('latin1'))) lines.push(line)
    start = end + 1
  }
  return lines
}

function groupsOf({ values, flaws }: Read, sizeMax: number): readonly Read[] {
  if (values.length === 0) return []
  if (values.length <= sizeMax) return [{ values, flaws }]
  const groups: Read[] = []
  for (let start = 0; start < values.length; start += sizeMax) {
    const inGroup = [...flaws].filter(([index]) => index >= start && index < start + sizeMax)
    groups.push({
      values: values.slice(start, start + sizeMax),
      flaws: new Map(inGroup.map(([index, flaw]) => [index - start, flaw])),
    })
  }
  return groups
}
