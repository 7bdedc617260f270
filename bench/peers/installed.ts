// The packages of peers stand in bench/peers/package.json, so that `npm ci` of the project does not bring them. They are
// installed when --peers first asks for them.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { endWithUs, whileThere } from '../ending.ts'
import { PeerUnavailable } from './peer.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))

let installing: Promise<void> | undefined

/** The module `name`. Rejects with PeerUnavailable when it cannot be installed. Its types are the caller's word. */
export async function installed<Module>(name: string): Promise<Module> {
  installing ??= install()
  await installing
  try {
    return (await import(name)) as Module
  } catch (cause) {
    throw new PeerUnavailable(`${name} cannot be loaded: ${messageOf(cause)}`)
  }
}

async function install(): Promise<void> {
  const modules = `${FOLDER}node_modules`
  if (existsSync(modules)) return
  try {
    // Half of them would be taken for all ever after.
    await whileThere(
      modules,
      async () => {
        const installing = promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
          cwd: FOLDER,
        })
        endWithUs(installing.child, 'SIGTERM')
        await installing
      },
      true,
    )
  } catch (cause) {
    throw new PeerUnavailable(`npm ci in bench/peers failed: ${messageOf(cause).split('\n')[0]}`)
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
