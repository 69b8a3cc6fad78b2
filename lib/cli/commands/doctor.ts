import type { Check } from '../../../functions/core/operator/check.ts'
import type { Command } from '../command.ts'
import { call } from '../target.ts'
import { columns } from '../text.ts'

export const doctor: Command = {
  path: ['doctor'],
  about: 'Checks keys, settings, mail, queues and access of a deployment.',
  notes: 'The exit code is 1 when there is a problem; warnings leave it 0.',
  examples: ['npx otpost doctor', 'npx otpost doctor --stage prod --region eu-central-1 --json'],
  async run({ target }) {
    const checks = await call<Check[]>(await target(), 'doctor', {})
    const failed = checks.some(({ state }) => state === 'problem')
    return { value: checks, text: report(checks), failed }
  },
}

function report(checks: readonly Check[]): string {
  const rows = checks.flatMap(({ id, state, says, hint }) => [
    [state, id, says],
    ...(hint === undefined ? [] : [['', '', `-> ${hint}`]]),
  ])
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length
  const numbered = (state: 'problem' | 'warning') =>
    `${count(state)} ${state}${count(state) === 1 ? '' : 's'}`
  return `${columns(rows)}\n${numbered('problem')}, ${numbered('warning')}.\n`
}
