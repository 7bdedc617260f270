// A column that is written out while its rows change.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { resized } from '../../engine/bytes.ts'
import { CopyOnWrite } from '../../engine/copy-on-write.ts'
import { DueTimes } from '../../engine/deadlines/due-times.ts'
import { Column } from '../../engine/kpis/columns.ts'
import { FacetColumn } from '../../engine/projections/facet-column.ts'
import { TimeColumn } from '../../engine/projections/time-column.ts'
import { writtenOut } from '../helpers/sections.ts'

const PIECE = 16_384

describe('a column being saved', () => {
  it.each([1, 2, 3, 4])('[E9] is written as it was, whatever changes meanwhile, also where it grows: seed %i', seed => {
    const random = seededRandom(seed)
    let cells = Uint32Array.from({ length: 5 * PIECE + 7 }, () => random.whole(1_000))
    const rows = 4 * PIECE + random.whole(PIECE)
    const then = cells.slice(0, rows)
    const saving = new CopyOnWrite(cells, rows)
    const change = () => {
      for (let times = random.whole(20); times > 0; times--) {
        const row = random.whole(cells.length)
        saving.keep(row)
        cells[row] = 5_000
      }
      if (random.chance(0.2)) cells = resized(cells, cells.length + 10)
    }
    const written: Uint8Array[] = []
    change()
    for (const piece of saving) {
      change()
      written.push(piece)
    }
    change()
    expect(new Uint32Array(new Uint8Array(Buffer.concat(written)).buffer)).toEqual(then)
  })

  it('[E9] copies the pieces that change and no others, and lets go of all when it is written or given up', () => {
    const cells = new Uint8Array(10 * PIECE)
    const saving = new CopyOnWrite(cells, cells.length)
    for (const row of [0, 1, PIECE - 1, 9 * PIECE]) saving.keep(row)
    expect(saving.copied).toEqual([0, 9])
    saving.next()
    saving.keep(0)
    expect(saving.copied).toEqual([9])
    saving.return()
    for (let row = 0; row < cells.length; row += PIECE) saving.keep(row)
    expect(saving.copied).toEqual([])
  })

  it.each([
    [
      'numbers',
      () => {
        const column = new Column('short')
        return { set: (row: number, value: number) => column.set(row, value), saved: () => column.saved(3 * PIECE) }
      },
    ],
    [
      'moments',
      () => {
        const column = new TimeColumn({ codes: new Uint8Array(4 * PIECE) })
        column.grow(4 * PIECE)
        return { set: (row: number, value: number) => column.set(row, value), saved: () => column.saved(3 * PIECE) }
      },
    ],
    [
      'codes of a facet, wider meanwhile',
      () => {
        const column = new FacetColumn()
        column.grow(4 * PIECE)
        return {
          set: (row: number, value: number) => column.set(row, `C-${value}`),
          saved: () => column.saved(3 * PIECE),
        }
      },
    ],
    [
      'due times, which come due meanwhile',
      () => {
        const times = new DueTimes()
        times.arm(3 * PIECE - 1, undefined)
        return {
          set(row: number, value: number) {
            if (value % 2 === 0) times.due(value * 1_000)
            else times.arm(row, value * 1_000)
          },
          saved: () => times.saved(),
        }
      },
    ],
  ])('[E9] of %s is as of when it was asked for', (_, make) => {
    const random = seededRandom(7)
    const { saved, set } = make()
    for (let step = 0; step < 2_000; step++) set(random.whole(3 * PIECE), 1 + random.whole(200))
    const then = writtenOut(saved())
    const later = saved()
    for (let step = 0; step < 2_000; step++) set(random.whole(3 * PIECE), 300 + random.whole(200))
    expect(Buffer.compare(writtenOut(later), then)).toBe(0)
    expect(Buffer.compare(writtenOut(saved()), then)).not.toBe(0)
  })
})
