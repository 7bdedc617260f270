// What the command line says to who asks wrongly: which word is wrong, or what there is not; and it leaves nothing behind.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ArgsDef } from 'citty'
import { expect, onTestFinished, test } from 'vitest'
import { card } from '../../cli/commands/card.ts'
import { config } from '../../cli/commands/config.ts'
import { demo } from '../../cli/commands/demo.ts'
import { erase } from '../../cli/commands/erase.ts'
import { evidence } from '../../cli/commands/evidence.ts'
import { history } from '../../cli/commands/history.ts'
import { importCommand } from '../../cli/commands/import.ts'
import { retire } from '../../cli/commands/retire.ts'
import { serve } from '../../cli/commands/serve.ts'
import { verify } from '../../cli/commands/verify.ts'
import { refuseUnknown } from '../../cli/options.ts'

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ordertwin-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const run = (data: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, ['cli/ordertwin.ts', ...args], {
    env: { ...process.env, ORDERTWIN_DATA: data, TMPDIR: data },
  })

test.each([
  [['demo', '--sped', 'max'], '--sped'],
  [['serve', '--prot=4010'], '--prot'],
  [['card', 'PO-1', '-x'], '-x'],
  // citty would read them as options of one letter each, retire all the same, and serve another store.
  [['retire', '-dry-run', '--closed-for', '30'], '-dry-run'],
  [['verify', '-data', 'other'], '-data'],
  [['verify', '--no-data', 'other'], '--no-data'],
])('an option nobody knows is refused by its name: %s', async (args, name) => {
  const data = await emptyFolder()
  await expect(run(data, ...args)).rejects.toMatchObject({
    code: 2,
    stderr: `there is no option ${name}; --help tells which there are\n`,
  })
  expect(await readdir(data)).toEqual([])
})

test('the value of an option may look like one', async () => {
  const data = await emptyFolder()
  const erasing = run(data, 'erase', 'PO-1', '--by', 'anna.keller', '--reason', '--asked by post')
  await expect(erasing).rejects.toMatchObject({ code: 1, stderr: `there is no store in ${data}\n` })
})

test.each([
  ['card', 'PO-1'],
  ['history', 'PO-1'],
  ['evidence', 'PO-1'],
  ['retire', '--closed-for', '30', '--dry-run'],
  ['export', 'orders.json'],
  ['backup', 'backup'],
  ['erasures', 'ERASURES'],
])('%s of a store that is not there says so and makes none', async (...args) => {
  const data = await emptyFolder()
  await expect(run(data, ...args)).rejects.toMatchObject({ code: 1, stderr: `there is no store in ${data}\n` })
  expect(await readdir(data)).toEqual([])
})

test('a word too many is refused', async () => {
  const data = await emptyFolder()
  await expect(run(data, 'verify', '/other/store')).rejects.toMatchObject({
    code: 2,
    stderr: 'there is no place for /other/store; --help tells what there is\n',
  })
  expect(() => refuseUnknown(['a.json', 'b.json'], importCommand.args as ArgsDef)).not.toThrow()
})

test.each(Object.entries({ card, config, demo, erase, evidence, history, retire, serve, verify }))(
  '%s has every option that it names',
  (_, command) => {
    const args = command.args as ArgsDef
    for (const [name, { type }] of Object.entries(args)) {
      const given =
        type === 'positional' ? ['x'] : type === 'boolean' ? [`--${name}`, `--no-${name}`] : [`--${name}`, '--x']
      expect(() => refuseUnknown(given, args), name).not.toThrow()
    }
  },
)

test('a port that another has is told in one line, and the temporary store is gone', async () => {
  const data = await emptyFolder()
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await expect.poll(() => other.address()).not.toBeNull()
  const { port } = other.address() as { port: number }
  const started = promisify(execFile)(process.execPath, ['cli/ordertwin.ts', 'demo', '--port', String(port)], {
    env: { ...process.env, TMPDIR: data },
  })
  await expect(started).rejects.toMatchObject({
    code: 1,
    stderr: `port ${port} of 127.0.0.1 is taken; ORDERTWIN_PORT=N, or --port N of the demo, is another, and 0 any free one\n`,
  })
  expect(await readdir(data)).toEqual([])
})
