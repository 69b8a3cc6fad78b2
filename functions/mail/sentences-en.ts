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
  token_enrolled: {
    subject: 'A new token for your account',
    heading: 'Your account has a new token',
    headingFor: 'Your account for {app} has a new token',
    account,
    body: 'Since {date}, {time} UTC, the token {serial} can be used to sign in.',
    bodyTo: 'Since {date}, {time} UTC, sign-in codes of the token {serial} go to {new_email}.',
    warning:
      'Do you know nothing of it? Then somebody else may be getting into your account: ' +
      'tell the operator of the service at once.',
    warningTo:
      'Do you know nothing of it? Then somebody else may be getting into your account: ' +
      'tell {contact} at once.',
    quiet: 'If you expected it, there is nothing for you to do.',
  },
  token_auto_enrolled: {
    subject: 'From now on you sign in with a code',
    heading: 'From now on you sign in with a code',
    headingFor: 'From now on you sign in to {app} with a code',
    account,
    body:
      'Somebody signed in with your password on {date}, {time} UTC, so your account got the token ' +
      '{serial}: signing in now takes a code, too, which is sent to you. Its PIN is that password, ' +
      'and stays so when the password is changed.',
    warning:
      'Was it not you? Then somebody else knows your password: change it, and tell the operator of ' +
      'the service at once.',
    warningTo:
      'Was it not you? Then somebody else knows your password: change it, and tell {contact} at once.',
    quiet: 'If it was you, there is nothing for you to do.',
  },
  pin_set: {
    subject: 'Your PIN was changed',
    heading: 'Your PIN was changed',
    headingFor: 'Your PIN for {app} was changed',
    account,
    body: 'The PIN of the token {serial} was changed on {date}, {time} UTC.',
    warning:
      'Do you know nothing of it? Then somebody else may be using your account: ' +
      'tell the operator of the service at once.',
    warningTo:
      'Do you know nothing of it? Then somebody else may be using your account: ' +
      'tell {contact} at once.',
    quiet: 'If you expected it, there is nothing for you to do. No e-mail of ours names a PIN.',
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
