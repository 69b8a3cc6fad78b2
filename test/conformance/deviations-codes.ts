/** Differences in which codes let in, and for how long. */
import type { Deviation } from './deviations.ts'
import { accepted, challenged, lasting, noMatch, rejected, wrongOtp } from './patches.ts'

const OWN_CHALLENGE =
  "A challenge's code answers that challenge only (DESIGN §4.3, §5 Not copied: code of one challenge accepted under another)"
const REFUSED_SETTING =
  'A validity below 10 s is refused by name, and the last good one stays in force (DESIGN §4.8)'

export const CODES: Deviation[] = [
  {
    steps: ['11-concurrent-False/tid1-otp3-cross'],
    reason: `${OWN_CHALLENGE}.`,
    instead: noMatch('PIEM0001'),
  },
  {
    steps: ['11-concurrent-False/tid3-otp3'],
    reason: `${OWN_CHALLENGE}: the code was not used up under the other one.`,
    instead: accepted({ message: 'Found matching challenge', serial: 'PIEM0001' }),
  },
  {
    steps: ['11-concurrent-False/tid1-otp1-again'],
    reason: `${OWN_CHALLENGE}: nothing was accepted under this transaction, so it is still known.`,
    instead: noMatch('PIEM0001'),
  },
  {
    steps: ['07-expiry/trigger', '07-expiry/trigger-2', '07-expiry/trigger-3'],
    reason: `${REFUSED_SETTING}; recorded with 4 s, replayed with 10.`,
    instead: lasting(6),
  },
  {
    steps: ['07-expiry/validtime-0'],
    reason: `${REFUSED_SETTING}.`,
    instead: lasting(10),
  },
  {
    steps: ['07-expiry/validtime-0-otp'],
    reason: `${REFUSED_SETTING}: the code is in time.`,
    instead: accepted({ message: 'Found matching challenge', serial: 'PIEM0001' }),
  },
  {
    steps: ['07-expiry/validtime-not-a-number'],
    reason: `${REFUSED_SETTING}; the reference crashes (500).`,
    instead: challenged('PIEM0001', 'alice@fixed.example', 10),
  },
  {
    steps: ['07-expiry/right-otp-after-expiry-again'],
    reason:
      'A challenge that ran out is known until the table drops it: expiry is a condition of the write, and TTL the janitor (DESIGN §4.4). The login is rejected either way.',
    instead: noMatch('PIEM0001'),
  },
  {
    steps: ['07-expiry/pin+otp-after-expiry'],
    reason:
      'PIN and code are tried against the newest open challenge, within its validity (DESIGN §4.3, §5 Not copied: PIN+OTP that never expires).',
    instead: wrongOtp('PIEM0001'),
  },
  {
    steps: ['09-disabled/otp-by-serial-after-unassign'],
    reason:
      'A challenge does not outlive the assignment it was made under (contract 3.1, 7: answers after unassign).',
    instead: rejected({ message: 'wrong otp pin' }),
  },
  {
    steps: [
      '19c-force_challenge_response/by-serial-pin+otp',
      '19-otppin/userstore-password+otp',
      '19k-config-flags/append-pin',
    ],
    reason:
      'The code was never mailed, and there is no look-ahead (DESIGN §4.3, §5 Not copied: look-ahead of 10 codes).',
    instead: wrongOtp('PIEM0001'),
  },
  {
    steps: ['18b-emailautosend/autosend-smtp-down'],
    reason:
      'A login stands when the mail with the next code fails; the reference crashes (500) after it has spent the code (DESIGN §4.7: every input yields a defined 2xx or 4xx).',
    instead: accepted({
      message: 'matching 1 tokens',
      otplen: 6,
      serial: 'PIEM0001',
      type: 'email',
    }),
  },
  {
    steps: ['11-concurrent-True-autosend-rewinds-counter/replay-otp5-pin+otp'],
    reason:
      'A code is accepted once (DESIGN §4.1), and a counter never moves back (§5 Not copied).',
    instead: wrongOtp('PIEM0001'),
  },
]
