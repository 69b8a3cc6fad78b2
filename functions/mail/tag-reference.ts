/** What each tag of a template stands for: the text of its reference, and values to try it with. */
import type { Locale } from './locale.ts'
import { type MailValues, type Tags, templateTags } from './tags.ts'

const PRIVACYIDEA = 'privacyIDEA'
const LINOTP = 'LinOTP'
const NETIQ = 'NetIQ'
const BOTH = 'privacyIDEA, LinOTP'
const OTPOST = 'Otpost'

export type TagEntry = { about: string; from: string }

/** Every tag by name, in the order of the reference. */
export const TAG_REFERENCE: Readonly<Record<string, TagEntry>> = {
  otp: { about: 'The code. A template without it is refused.', from: `${BOTH}, NetIQ` },
  validtime: {
    about: "How long the code is valid, in words of the mail's language.",
    from: OTPOST,
  },
  app: { about: 'The parameter `mail.service`.', from: OTPOST },
  username: { about: "The user's login name.", from: `${BOTH}, NetIQ` },
  userid: { about: 'What the directory calls the user: the login name.', from: LINOTP },
  userrealm: { about: "The user's realm.", from: PRIVACYIDEA },
  user: {
    about: "The user's given name, as in privacyIDEA; for NetIQ's meaning write `{username}`.",
    from: `${PRIVACYIDEA}, ${NETIQ}`,
  },
  givenname: { about: "The user's given name.", from: BOTH },
  surname: { about: "The user's surname.", from: BOTH },
  recipient_givenname: { about: 'The same as `givenname`.', from: PRIVACYIDEA },
  recipient_surname: { about: 'The same as `surname`.', from: PRIVACYIDEA },
  email: { about: 'The address the mail goes to.', from: LINOTP },
  phone: { about: "The user's telephone number.", from: LINOTP },
  mobile: { about: "The user's mobile number.", from: LINOTP },
  serial: { about: "The token's serial.", from: BOTH },
  tokentype: { about: '`email`.', from: BOTH },
  description: { about: "The token's description.", from: LINOTP },
  tokendescription: { about: "The token's description.", from: PRIVACYIDEA },
  number: { about: "Which of the token's codes it is: 1, 2, 3 and so on.", from: NETIQ },
  client_ip: { about: 'From which IP address the code was asked for.', from: PRIVACYIDEA },
  endpoint: {
    about: 'What the program that asked for the code calls itself, else its IP address.',
    from: NETIQ,
  },
  event: { about: 'What the program says the login is about.', from: NETIQ },
  challenge: { about: 'The same as `event`.', from: PRIVACYIDEA },
  message: {
    about: 'The text of the policy or of `email.text`, as one line; without any, the code.',
    from: LINOTP,
  },
  date: { about: 'The day the code was asked for, in UTC: 2026-11-21.', from: PRIVACYIDEA },
  time: { about: 'The time of day in UTC: 12:00:00.', from: PRIVACYIDEA },
  Date: { about: 'Day and time as in the header of a mail.', from: LINOTP },
  Subject: { about: 'The subject the mail would have without the template.', from: LINOTP },
  From: { about: "The sender's address.", from: LINOTP },
  To: { about: "The recipient's address.", from: LINOTP },
}

/** A person to try a template with. */
export const SAMPLE_VALUES: MailValues = {
  otp: '287082',
  validSeconds: 120,
  at: new Date('2026-11-21T12:00:00Z'),
  serial: 'EM1A2B3C4D',
  username: 'alice.cooper',
  userid: 'alice.cooper',
  userrealm: 'default',
  givenname: 'Alice',
  surname: 'Cooper',
  email: 'alice@example.org',
  phone: '+49 30 901820',
  mobile: '+49 151 23456789',
  description: 'my mailbox',
  clientIp: '192.0.2.7',
  endpoint: 'Example VPN 4.2',
  challenge: 'VPN',
  number: 3,
  app: 'Example GmbH',
  envelope: { subject: 'Your OTP', from: 'otp@example.org', to: 'alice@example.org' },
}

export const sampleTags = (locale: Locale): Tags => templateTags(SAMPLE_VALUES, locale)
