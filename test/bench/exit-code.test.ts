// What the command says to who called it: 0 where the figures count, 1 where they do not.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Report } from '../../bench/report.ts'
import { temporaryFolder } from './stores.ts'

const ENGINE = new URL('../../engine/engine.ts', import.meta.url).href
/** A twin whose board has forgotten every order. */
const FORGETFUL = `import { Engine } from ${JSON.stringify(ENGINE)}; Engine.prototype.orderCounts = () => []`

async function exitOf(...nodeArgs: readonly string[]) {
  const options = ['edi-burst', '--orders', '3', '--json', '--data', await temporaryFolder()]
  const run = promisify(execFile)(process.execPath, [...nodeArgs, 'bench/bench.ts', ...options])
  const { code, stdout } = await run.then(
    ({ stdout }) => ({ code: 0, stdout }),
    (failed: { code: number; stdout: string }) => failed,
  )
  return { code, oracle: (JSON.parse(stdout) as Report).oracle }
}

test('a green oracle ends with 0', async () =>
  expect(await exitOf()).toMatchObject({ code: 0, oracle: { green: true } }))

test('a red oracle ends with 1, and tells what is broken', async () => {
  const { code, oracle } = await exitOf('--import', `data:text/javascript,${encodeURIComponent(FORGETFUL)}`)
  expect(oracle).toMatchObject({ green: false, broken: ['the board has every order and no other: 0 of 3'] })
  expect(code).toBe(1)
})
