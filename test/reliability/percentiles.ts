// What half of the waits, and all but one in a hundred, stay below.
export function percentiles(waits: readonly number[]): { readonly p50Ms: number; readonly p99Ms: number } {
  const sorted = waits.toSorted((one, other) => one - other)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}
