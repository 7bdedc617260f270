// Inputs that once did harm.
import { expect, test } from 'vitest'
import { openMemoryEngine } from '../helpers/memory-engine.ts'

const UNCONVERTIBLE = JSON.parse('{"toString":null,"valueOf":null}')

test('a source that converts to no text is refused, submitted or previewed, and the twin goes on', async () => {
  const { engine } = await openMemoryEngine()
  const input = {
    id: 'e-1',
    source: UNCONVERTIBLE,
    type: UNCONVERTIBLE,
    subject: UNCONVERTIBLE,
    time: UNCONVERTIBLE,
    data: 1,
  }
  for (const ask of ['submit', 'preview'] as const)
    expect((await engine[ask]([input]))[0]?.outcome).toBe('unauthorized_source')
  expect(engine.health().ready).toBe(true)
  await engine.close()
})
