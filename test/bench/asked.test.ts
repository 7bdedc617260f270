// What the bench is asked, and what it is not properly asked: said before anything runs.
import { describe, expect, test } from 'vitest'
import { askedBy, usage } from '../../bench/asked.ts'
import { NotAsked } from '../../bench/not-asked.ts'
import { makeFolder } from '../../bench/store.ts'

describe('the command line', () => {
  test('asks for ingest with seed 1 where it says nothing', () => {
    expect(askedBy([])).toMatchObject({ scenario: 'ingest', seed: 1, orders: undefined, peers: false, json: false })
    expect(askedBy(['soak', '--seed', '0', '--orders', '7', '--report', 'x'])).toMatchObject({
      scenario: 'soak',
      seed: 0,
      orders: 7,
      report: 'x',
    })
  })

  test('asks for a day of another length', () =>
    expect(askedBy(['soak', '--seconds', '3600'])).toMatchObject({ scenario: 'soak', seconds: 3_600 }))

  test('is told the usage where it asks for help', () => {
    expect(askedBy(['--help'])).toBeUndefined()
    expect(usage()).toMatch(/flash-sale.*15 times/)
    expect(usage()).toMatch(/--seconds N .*real seconds/)
  })

  test.each([
    [['nothing'], /there is no scenario nothing; one of your own is named in bench\/network\/scenarios.ts/],
    [['constructor'], /there is no scenario constructor/],
    [['edi-burst', 'soak'], /one scenario at a time/],
    [['--bogus'], /Unknown option '--bogus'/],
    [['--orders'], /--orders/],
    [['--orders', '0'], /--orders must be a whole number from 1/],
    [['--orders', '1.5'], /--orders must be/],
    [['flash-sale', '--orders=1e9'], /--orders must be a whole number from 1 to 200,000$/],
    [['growth', '--orders=1e9'], /--orders must be a whole number from 1 to 20,000,000$/],
    [['--orders=-5'], /--orders must be/],
    [['flash-sale', '--seconds', '0'], /--seconds must be a whole number from 1/],
    [
      ['ingest', '--seconds', '5'],
      /--seconds is .*, and ingest has none: it is for flash-sale, month-end, retry-storm, /,
    ],
    [['edi-burst', '--seconds', '5'], /--seconds is the length of a played day, and edi-burst has none/],
    [['all', '--seconds', '5'], /and all has none/],
    [['--seed='], /--seed must be a whole number from 0/],
    [['--seed', 'x'], /--seed must be/],
  ])('is refused: %j', (args, why) => {
    expect(() => askedBy(args)).toThrow(NotAsked)
    expect(() => askedBy(args)).toThrow(why)
  })

  test('is refused a folder that cannot be made', async () => {
    await expect(makeFolder(import.meta.filename)).rejects.toThrow(NotAsked)
    await expect(makeFolder(`${import.meta.filename}/below`)).rejects.toThrow(/there can be no folder/)
    await makeFolder(import.meta.dirname)
  })
})
