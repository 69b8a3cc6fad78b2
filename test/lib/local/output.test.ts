import { describe, expect, it } from 'vitest'
import { consoleLog } from '../../../lib/local/output.ts'

function shown(lines: object[], everything = false): string[] {
  const written: string[] = []
  const log = consoleLog(everything, (text) => void written.push(text))
  for (const line of lines) log(JSON.stringify(line), 'otpost-local-validate')
  return written
}
const withheld = { level: 'INFO', message: 'request', reason: 'mail_limit', user: 'alice' }

describe('the console of the local stack', () => {
  it('shows errors only', () => {
    const error = { level: 'ERROR', message: 'request' }
    expect(shown([{ level: 'INFO', message: 'request' }, error])).toEqual([
      `${JSON.stringify(error)}\n`,
    ])
  })

  it('says in one line why no mail comes when a limit is reached', () => {
    expect(shown([withheld])).toEqual([
      'No mail to alice: mail.per_hour or mail.per_day is reached. ' +
        'npx otpost config set mail.per_hour=0 mail.per_day=0 lifts both.\n',
    ])
  })

  it('takes nothing else for that', () => {
    expect(shown([{ ...withheld, message: 'other' }, { note: 'mail_limit' }])).toEqual([])
  })
})
