import { defineConfig } from 'vitest/config'

export default defineConfig({
  // The file Node itself takes: graphql's other build, which vitest would prefer, refuses schemas made with this one.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    // forks: LevelDB handles and abstract-socket locks belong to a process; threads would share them.
    pool: 'forks',
    // Left to itself it keeps one core free, which with two is half of them: the suite took twice as long.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
