/** Differences in the mails that prove an address. */
import type { Deviation } from './deviations.ts'
import { all, titled, writing } from './patches.ts'

/** The built-in mail around the recorded code. */
const confirming = (account: string) =>
  all(
    titled('Confirm your e-mail address'),
    writing((code) =>
      [
        `Confirm your e-mail address\n\n${code.trim()}\n\nAccount: ${account}`,
        'The code is valid for 2 minutes and works once.\n',
        'Enter it on the page where you registered this address. From then on, your sign-in codes ' +
          'are sent here. None of us will ever ask you for a code.\n',
        'If you did not register this address, ignore this e-mail: without the code nothing changes.',
      ].join('\n'),
    ),
  )

const REASON =
  'A mail that proves an address does not look like one to sign in with (FEATURES R08, R18, R19: a text for each purpose, a subject of its own).'

export const MAILS: Deviation[] = [
  { steps: ['20-verify_enrollment/init-step1'], reason: REASON, instead: confirming('alice') },
  {
    steps: [
      '21-enroll_via_multichallenge/enter-address',
      '21-enroll_via_multichallenge/long-tld-rejected',
    ],
    reason: REASON,
    instead: confirming('dave'),
  },
]
