#!/usr/bin/env -S MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072 node --max-semi-space-size=16
// The command line, and the composition root: clock, randomness, environment and files are created here and nowhere else.
import { type ArgsDef, defineCommand, renderUsage, runCommand } from 'citty'
import { JournalDamage } from '../engine/journal/journal.ts'
import { StoreRefused } from '../engine/journal/store-refused.ts'
import { backup, restore } from './commands/backup.ts'
import { card } from './commands/card.ts'
import { config } from './commands/config.ts'
import { demo } from './commands/demo.ts'
import { erase, erasures } from './commands/erase.ts'
import { evidence } from './commands/evidence.ts'
import { exportCommand } from './commands/export.ts'
import { history } from './commands/history.ts'
import { importCommand } from './commands/import.ts'
import { repair } from './commands/repair.ts'
import { retire } from './commands/retire.ts'
import { serve } from './commands/serve.ts'
import { verify } from './commands/verify.ts'
import { Refused, WrongUsage } from './exit.ts'
import { turnOffPretenuring } from './heap.ts'
import { refuseUnknown } from './options.ts'

const commands = {
  demo,
  serve,
  import: importCommand,
  verify,
  backup,
  restore,
  repair,
  retire,
  erase,
  erasures,
  evidence,
  export: exportCommand,
  history,
  card,
  config,
}

const ordertwin = defineCommand({
  meta: { name: 'ordertwin', description: "The live, durable digital twin of a distributor's order network" },
  subCommands: commands,
})

turnOffPretenuring()
await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<void> {
  const [name] = argv
  const asksHelp = argv.includes('--help') || argv.includes('-h')
  const command = name === undefined ? undefined : commands[name as keyof typeof commands]
  if (asksHelp || command === undefined) {
    console.log(
      await (command === undefined ? renderUsage(ordertwin) : renderUsage(command as typeof ordertwin, ordertwin)),
    )
    if (!asksHelp) process.exitCode = 2
    if (name !== undefined && !asksHelp) console.error(`unknown command ${name}`)
    return
  }
  try {
    refuseUnknown(argv.slice(1), (command.args ?? {}) as ArgsDef)
    await runCommand(command as typeof ordertwin, { rawArgs: argv.slice(1) })
  } catch (error) {
    process.exitCode = exitCodeOf(error)
    console.error(isExpected(error) ? `${(error as Error).message}${adviceFor(error)}` : error)
  }
}

function adviceFor(error: unknown): string {
  const isCopy = error instanceof StoreRefused && error.code === 'store_copied'
  return isCopy ? '\nIf the original will not be opened again: ordertwin serve --adopt, once' : ''
}

// Functions, not constants: main runs before the rest of this file does.
function isExpected(error: unknown): boolean {
  const classes = [Refused, WrongUsage, StoreRefused, JournalDamage]
  const names = ['CLIError', 'UnsafeHost']
  return error instanceof Error && (classes.some(each => error instanceof each) || names.includes(error.name))
}

function exitCodeOf(error: unknown): number {
  return error instanceof WrongUsage || (error instanceof Error && error.name === 'CLIError') ? 2 : 1
}
