import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // forks: LevelDB handles and abstract-socket locks belong to a process; threads would share them.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
