import { expect, test } from 'vitest'
import { due } from '../../bench/clients/due.ts'

test('latency begins when a request was due, and sooner where it went sooner: never ahead of the clock', async () => {
  const startedMs = performance.now()
  for (const afterMs of [-5, 0.5, 0.9, 2.3, 4.7]) {
    const fromMs = await due(startedMs + afterMs)
    expect(fromMs).toBeLessThanOrEqual(performance.now())
    expect(fromMs).toBeLessThanOrEqual(startedMs + afterMs)
    expect(fromMs).toBeGreaterThan(startedMs + afterMs - 1.1)
  }
})
