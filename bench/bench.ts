// bench: npm run bench -- [SCENARIO] [--seed N] [--orders N] [--seconds N] [--peers] [--json] [--report DIR]
// [--data FOLDER] [--keep].
// Exit 1 when the oracle is red, 2 when it was not asked properly, 130 after Ctrl-C.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { turnOffPretenuring } from '../cli/heap.ts'
import { runAll } from './all.ts'
import { ALL, type Asked, askedBy, commandOf, usage } from './asked.ts'
import { codeNow } from './code-now.ts'
import { endOnSignals } from './ending.ts'
import { NotAsked } from './not-asked.ts'
import { pageOf } from './page/page.ts'
import { machineNow, type Report, shown, tableOf } from './report.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { SCENARIOS, WITH_PEERS } from './scenarios/scenarios.ts'
import { tellStages } from './stage.ts'
import { makeFolder } from './store.ts'

// As the process that serves has it.
turnOffPretenuring()
endOnSignals()
tellStages()
try {
  const asked = askedBy(process.argv.slice(2))
  if (asked === undefined) console.log(usage())
  else if (asked.scenario === ALL)
    process.exit((await runAll({ ...asked, report: asked.report ?? 'bench/reports' })) ? 0 : 1)
  else process.exitCode = (await run(asked, SCENARIOS[asked.scenario] as Scenario)) ? 0 : 1
} catch (problem) {
  if (!(problem instanceof NotAsked)) throw problem
  console.error(problem.message)
  process.exit(2)
}

/** Whether the oracle is green. */
async function run(asked: Asked, chosen: Scenario): Promise<boolean> {
  const { json, report: folder, scenario, seed } = asked
  // Before the run: nobody wants to hear after half an hour that there is no place for the page.
  for (const each of [asked.data, ...(folder === undefined ? [] : [folder])]) await makeFolder(each)
  const [machine, code] = [machineNow(asked.data), codeNow()]
  console.error(
    `${scenario}, ${shown(asked.orders ?? chosen.orders)} orders, seed ${seed}: begun at ${new Date().toISOString().slice(11, 16)} UTC`,
  )
  const {
    charts = [],
    notes = [],
    oracle,
    played,
    ratios,
    results,
    summary,
  } = await chosen.run({
    ...asked,
    orders: asked.orders ?? chosen.orders,
  })
  const command = commandOf(asked)
  const report: Report = { scenario, seed, summary, machine, results, ratios, oracle, notes, played, command, code }
  console.log(json ? JSON.stringify(report) : tableOf(report))
  for (const note of notes) console.error(note)
  if (asked.peers && !WITH_PEERS.has(scenario)) console.error(`${scenario} has no peers`)
  if (folder !== undefined) {
    const file = join(folder, `${scenario}.html`)
    await writeFile(file, pageOf({ report, charts }))
    await writeFile(join(folder, `${scenario}.json`), `${JSON.stringify(report)}\n`)
    console.error(`report: ${file}`)
  }
  return oracle.green
}
