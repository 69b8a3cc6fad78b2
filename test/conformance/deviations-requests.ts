/** Differences in how requests are read and refused. */
import type { Deviation } from './deviations.ts'
import { malformed } from './patches.ts'

const CRASH = 'The reference crashes (500). Otpost answers 400 and names the parameter'
const EVERY_INPUT = 'DESIGN §4.7: every input yields a defined 2xx or 4xx'
const crash = (message: string, ...steps: string[]): Deviation => ({
  steps,
  reason: `${CRASH} (${EVERY_INPUT}).`,
  instead: malformed(message),
})

export const REQUESTS: Deviation[] = [
  crash(
    'Missing parameter: pass',
    ...['05-validate-basic/missing-pass-with-tid', '05-validate-basic/missing-pass'],
    ...['10c-empty-pin/missing-pass-param', '10c-empty-pin/json-null-pass'],
    '19-otppin/none-missing-pass',
  ),
  crash('pass is a number; a string is accepted.', '06-transport/json-otp-as-number'),
  crash('pass is null; a string is accepted.', '06-transport/json-null-pass'),
  crash('user is a number; a string is accepted.', '06-transport/json-user-number'),
  crash('The body is not valid JSON.', '06-transport/bad-json-with-ct'),
  crash('The body is a list; a JSON object is accepted.', '06-transport/json-array'),
  {
    steps: ['06-transport/duplicate-param'],
    reason:
      'A parameter that is given twice is refused instead of the first one winning (DESIGN §5, Three wires: a duplicate is a 400).',
    instead: malformed('pass is given more than once.'),
  },
]
