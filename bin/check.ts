/** `npm test`: everything that must hold before a change is good, step by step, the quick ones first. */
import { spawnSync } from 'node:child_process'

type Step = { name: string; command: string[] }

const STEPS: Step[] = [
  { name: 'types', command: ['node_modules/typescript/bin/tsc', '--noEmit'] },
  {
    name: 'format',
    command: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
  },
  { name: 'tests', command: ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)] },
  { name: 'synth', command: ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet'] },
  { name: 'sizes', command: ['test/sizes.ts'] },
]

for (const { name, command } of STEPS) {
  const began = Date.now()
  console.log(`\n— ${name}`)
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' })
  if (status !== 0) {
    console.error(`\n${name} failed.`)
    process.exit(1)
  }
  console.log(`— ${name}: ok, ${((Date.now() - began) / 1000).toFixed(1)} s`)
}
