import { defineConfig } from 'vitest/config'

/** Whole services run in these, on threads of their own; two at a time would only wait for each other. */
const STACK = ['test/stack/**/*.test.ts', 'test/clients/**/*.test.ts']

export default defineConfig({
  test: {
    // a busy machine takes its time; what has to be quick is measured by `npm run bench`
    testTimeout: 60_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: STACK,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'stack', include: STACK, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
