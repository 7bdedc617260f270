// Lines of a byte stream, numbered, with a limit to how long one may be.

export interface Line {
  /** From 1. */
  readonly number: number
  /** Without the line break; undefined when the line is longer than the limit. */
  readonly bytes?: Buffer
  /** Bytes of the stream read up to the end of this line. */
  readonly endsAt: number
}

const LINE_FEED = 0x0a

/** Every line of `chunks` in order, the last one with or without a line break. Holds one line at most. */
export async function* linesOf(chunks: AsyncIterable<Buffer>, lineBytesMax: number): AsyncGenerator<Line> {
  let number = 1
  let position = 0
  let size = 0
  let parts: Buffer[] = []
  const keep = (part: Buffer) => {
    size += part.length
    position += part.length
    if (size <= lineBytesMax) parts.push(part)
    else parts = []
  }
  const take = (): Line => {
    const line = {
      number: number++,
      endsAt: position,
      ...(size <= lineBytesMax ? { bytes: Buffer.concat(parts) } : {}),
    }
    parts = []
    size = 0
    return line
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      keep(chunk.subarray(from, at))
      position += 1
      from = at + 1
      yield take()
    }
    keep(chunk.subarray(from))
  }
  if (size > 0) yield take()
}
