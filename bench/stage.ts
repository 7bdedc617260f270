// Stages: what a run does now, for who waits for its end. Told on stderr, and only to who asked for the run at a command line.
const EVERY_MS = 30_000

let isTold = false
let lastMs = 0

export function tellStages(): void {
  isTold = true
}

export function stage(name: string): void {
  if (!isTold) return
  lastMs = performance.now()
  console.error(`  ${new Date().toISOString().slice(11, 19)}  ${name}`)
}

/** How far a stage has come that takes minutes; told twice a minute. */
export function soFar(text: () => string): void {
  if (isTold && performance.now() - lastMs >= EVERY_MS) stage(`  ${text()}`)
}
