import type { Mail } from '../../functions/core/ports.ts'

export const OTP = '287082'

export function sampleMail(changes: Partial<Mail> = {}): Mail {
  return {
    from: 'login@otpost.example',
    fromName: 'Example GmbH',
    to: 'Alice.Cooper+otp@firma.example',
    subject: 'Your OTP',
    text: `Your sign-in code\n\n${OTP}\n`,
    html: `<p>${OTP}</p>`,
    date: new Date('2026-11-21T01:18:26Z'),
    ...changes,
  }
}
