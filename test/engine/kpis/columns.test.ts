import { expect, test } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { Column } from '../../../engine/kpis/columns.ts'

test.each(['byte', 'short', 'word'] as const)('a column of %ss tells which rows were written, in order', kind => {
  const random = seededRandom(7)
  for (const share of [0, 0.0005, 0.02, 0.5, 1]) {
    const column = new Column(kind)
    const written: number[] = []
    for (let row = 0; row < 5_003; row++) {
      if (!random.chance(share)) continue
      column.set(row, 1 + random.whole(200))
      written.push(row)
    }
    const found: number[] = []
    for (let row = column.firstWritten(0); row >= 0; row = column.firstWritten(row + 1)) found.push(row)
    expect(found).toEqual(written)
  }
})
