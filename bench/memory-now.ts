// What a read of memory costs here: most of an event's time goes into waiting for it (docs/PERFORMANCE.md), and on machines that share
// their caches with others it differs from hour to hour by more than anything else does.

// 16 MB: more than the cores of today have for themselves. What it takes to find a page's address is in it.
const BYTES = 16 * 2 ** 20
const LINE_BYTES = 64
const READS = 300_000

/** Nanoseconds of one read in no order, of 16 MB. */
export function readNsNow(): number {
  const stride = LINE_BYTES / Int32Array.BYTES_PER_ELEMENT
  const memory = new Int32Array(BYTES / Int32Array.BYTES_PER_ELEMENT)
  const lines = BYTES / LINE_BYTES
  // Sattolo's shuffle: one cycle through all lines, so that each read says where the next one is.
  const next = Int32Array.from({ length: lines }, (_, line) => line)
  for (let line = lines - 1; line > 0; line--) {
    const other = Math.floor(Math.random() * line)
    const here = next[line] as number
    next[line] = next[other] as number
    next[other] = here
  }
  for (let line = 0; line < lines; line++) memory[line * stride] = (next[line] as number) * stride
  walk(memory, READS)
  const startedMs = performance.now()
  const last = walk(memory, READS)
  // Its result is used, so that the walk is.
  return last < 0 ? 0 : Math.round(((performance.now() - startedMs) * 1e6) / READS)
}

function walk(memory: Int32Array, reads: number): number {
  let at = 0
  for (let read = 0; read < reads; read++) at = memory[at] as number
  return at
}
