/** Differences in which codes let in. */
import type { Deviation } from './deviations.ts'
import { noMatch, notSent, rejected, wrongOtp } from './patches.ts'

const OWN_CHALLENGE =
  "A challenge's code answers that challenge only (DESIGN §4.3, §5 Not copied: code of one challenge accepted under another)"

export const CODES: Deviation[] = [
  {
    steps: ['11-concurrent-False/tid1-otp3-cross'],
    reason: `${OWN_CHALLENGE}.`,
    instead: noMatch('PIEM0001'),
  },
  {
    steps: ['11-concurrent-False/tid3-otp3'],
    reason: `${OWN_CHALLENGE}: the code was not used up by the step before, and lets in here.`,
    instead: (expected) => ({
      ...expected,
      answer: {
        ...expected.answer,
        json: {
          ...(expected.answer.json as object),
          detail: { message: 'Found matching challenge', serial: 'PIEM0001', threadid: 1 },
          result: { status: true, value: true, authentication: 'ACCEPT' },
        },
      },
    }),
  },
  {
    steps: ['11-concurrent-False/tid1-otp1-again'],
    reason: `${OWN_CHALLENGE}: nothing was accepted under this transaction, so it is still known.`,
    instead: noMatch('PIEM0001'),
  },
  {
    steps: ['07-expiry/pin+otp-after-expiry'],
    reason:
      'PIN and code are tried against the newest open challenge, within its validity (DESIGN §4.3, §5 Not copied: PIN+OTP that never expires).',
    instead: wrongOtp('PIEM0001', 'wrong otp value. previous otp used again'),
  },
  {
    steps: ['17-smtp/down-then-pin+otp'],
    reason:
      'A code that was never delivered does not let in: there is no open challenge it would answer (DESIGN §4.3).',
    instead: wrongOtp('PIEM0001'),
  },
  {
    steps: ['19c-force_challenge_response/by-serial-pin+otp'],
    reason:
      'The code was never mailed, and there is no look-ahead (DESIGN §4.3, §5 Not copied: look-ahead of 10 codes).',
    instead: wrongOtp('PIEM0001'),
  },
]
void rejected
void notSent
