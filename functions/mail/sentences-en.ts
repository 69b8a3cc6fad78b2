import type { SentencesByKind } from './sentences.ts'

const account = 'Account: {username}'

export const en: SentencesByKind = {
  authentication: {
    subject: 'Your OTP',
    heading: 'Your sign-in code',
    headingFor: 'Your sign-in code for {app}',
    account,
    body: 'The code is valid for {validtime} and works once.',
    warning:
      'Enter it only where you are signing in. None of us will ever ask you for it, ' +
      'by phone, e-mail or chat.',
    quiet:
      'If you are not signing in, ignore this e-mail and do not pass the code on. ' +
      'If it happens again, please report it to the operator of the service.',
  },
  verification: {
    subject: 'Confirm your e-mail address',
    heading: 'Confirm your e-mail address',
    headingFor: 'Confirm your e-mail address for {app}',
    account,
    body: 'The code is valid for {validtime} and works once.',
    warning:
      'Enter it on the page where you registered this address. From then on, your sign-in codes ' +
      'are sent here. None of us will ever ask you for a code.',
    quiet:
      'If you did not register this address, ignore this e-mail: without the code nothing changes.',
  },
  address_changed: {
    subject: 'Your e-mail address for sign-in codes was changed',
    heading: 'Your e-mail address was changed',
    headingFor: 'Your e-mail address for {app} was changed',
    account,
    body:
      'Since {date}, {time} UTC, your sign-in codes go to {new_email}. ' +
      'This mailbox gets no more of them.',
    warning:
      'Was it not you? Then somebody else may be using your account: ' +
      'tell the operator of the service at once.',
    warningTo:
      'Was it not you? Then somebody else may be using your account: tell {contact} at once.',
    warningAt:
      'Was it not you? Open {link} by {until} UTC and enter the code {dispute_code}: ' +
      'nobody can then sign in by this account’s codes until the operator has restored it.',
    quiet: 'If you changed the address yourself, there is nothing for you to do.',
  },
  test: {
    subject: 'Test e-mail from Otpost',
    heading: 'This is a test e-mail',
    headingFor: 'This is a test e-mail of {app}',
    account,
    body: 'The mail server took this test e-mail from Otpost. Codes can be sent the same way.',
    warning: 'It carries no code.',
    quiet: 'Somebody who administers the service asked for it. You need not answer.',
  },
}
