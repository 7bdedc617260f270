import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PROBLEMS, problem } from '../../graphql/problems.ts'

test('[H17] the catalogue and docs/PROBLEMS.md list the same problems', () => {
  const text = readFileSync(new URL('../../docs/PROBLEMS.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| `(\w+)` \| (\d+) \| (.+?) \| .+ \|$/gm)]
  const documented = rows.map(([, code, status, title]) => [code, { status: Number(status), title }])
  expect(documented).toEqual(Object.entries(PROBLEMS))
})

test('[H17] a problem names its code in type and code', () => {
  expect(problem('not_ready', 'disk full')).toEqual({
    type: 'urn:ordertwin:problem:not_ready',
    title: 'The twin is not ready',
    status: 503,
    code: 'not_ready',
    detail: 'disk full',
  })
})
