import type { Deployment } from './context.ts'

/** What an operator does after a deployment, in order, one sentence each. */
export function nextSteps(deployment: Deployment, dnsRecords: string[]): string[] {
  const { stage, mailDomain, mailFrom } = deployment
  const sender = mailFrom ?? `login@${mailDomain ?? 'example.org'}`
  return [
    mailDomain
      ? `Create these DNS records: ${dnsRecords.join(' | ')}`
      : `Verify a sender in SES, or name your SMTP server: npx otpost mail-sender set --kind smtp --host <host> --stage ${stage}`,
    `Name the sender: aws ssm put-parameter --type String --name /otpost/${stage}/email.mailfrom --value ${sender}`,
    `Create the first admin: npx otpost admin add <name> --stage ${stage}`,
    'While SES keeps your account in its sandbox, it sends to verified mailboxes only: ask AWS for production access.',
    `Check everything: npx otpost doctor --stage ${stage}`,
  ]
}
