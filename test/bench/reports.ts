// Reports for tests of what is made of them.
import { tmpdir } from 'node:os'
import { codeNow } from '../../bench/code-now.ts'
import { machineNow, type Report } from '../../bench/report.ts'

// Once: to find out takes half a second.
const machine = machineNow(tmpdir())

/** A green one of this machine and code, as it is now. */
export const reportOf = (parts: Partial<Report> = {}): Report => ({
  scenario: 'ingest',
  seed: 1,
  summary: undefined,
  machine,
  results: {},
  ratios: {},
  oracle: { green: true, held: [], broken: [] },
  notes: [],
  played: undefined,
  command: 'npm run bench -- ingest --seed 1',
  code: codeNow(),
  ...parts,
})
