// Campaigns that take hours are interrupted: what they reached counts, as long as it is this code that reached it.
import { readdir } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { Progress } from '../campaigns/progress.ts'
import { temporaryFolder } from '../helpers/disk-store.ts'

test('a campaign goes on where it was, begins anew with other code, and leaves nothing when it is through', async () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const folder = await temporaryFolder()
  const progress = (commit: string) => new Progress<{ runs: number }>(folder, 'simulate-seed-1', commit)
  expect(progress('one').read()).toBeUndefined()
  progress('one').write({ runs: 50 })
  progress('one').write({ runs: 100 })
  expect(progress('one').read()).toEqual({ runs: 100 })
  expect(progress('other').read()).toBeUndefined()
  expect(said).toHaveBeenLastCalledWith(expect.stringContaining('beginning anew'))
  progress('one').over()
  expect(progress('one').read()).toBeUndefined()
  expect(await readdir(folder)).toEqual([])
  said.mockRestore()
})
