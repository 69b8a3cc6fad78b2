/** Broken mail servers under the whole service: answers in time, and no code but in the mail. */
import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ENV } from '../../functions/env.ts'
import { makeCertificates, type Certificates } from '../adapters/certificates.ts'
import { clients } from '../lib/local/clients.ts'
import { type SmtpServer, type SmtpServerOptions, startSmtp } from '../support/smtp-server.ts'
import { outcomeOf, type Outcome } from './support-faults.ts'
import type { Answer } from './support-http.ts'
import { Secrets } from './support-secrets.ts'
import { answer, codeIn, isAccepted, startTestStack } from './support.ts'
import type { TestStack } from './support.ts'

/** `email.delivery_wait` plus what a busy machine takes. */
const ANSWERED_WITHIN_MS = 8000
const PASSWORD = 'geheim-8261-Wort'

const secrets = new Secrets()
secrets.add('password of the mail server', PASSWORD)
const answers: Answer[] = []
let world: TestStack
let certificates: Certificates
beforeAll(async () => {
  certificates = await makeCertificates(['127.0.0.1'])
  world = await startTestStack({
    // ten digits are not met by accident in what is searched
    parameters: { 'email.delivery_wait': '1', 'otp.length': '10' },
    environment: { [ENV.settingsCacheMs]: '0' },
  })
})
afterAll(() => world.stack.stop())

let round = 0
/** Puts a broken server before the one that works. */
async function breakFirst(options: SmtpServerOptions): Promise<SmtpServer> {
  const broken = await startSmtp({ certificate: certificates.server, ...options })
  const [first, second] = [`first${++round}`, `second${round}`]
  const server = { server: '127.0.0.1', sender: 'otp@otpost.example', timeout: 1 }
  await world.stack.parameters.set({
    [`providers/${first}`]: JSON.stringify({
      ...{ ...server, port: broken.port, tls: options.tls ?? 'none', username: 'otp' },
      ...(options.tls !== undefined && { ca: certificates.ca }),
    }),
    [`providers/${first}.password`]: PASSWORD,
    [`providers/${second}`]: JSON.stringify({ ...server, port: world.stack.smtp.port }),
    'email.identifier': `${first}, ${second}`,
  })
  return broken
}

type Row = {
  fault: string
  options: SmtpServerOptions
  says: Outcome[]
  /** Whether the code comes by the second server. */
  comes: boolean
}
const foreign = async () => (await makeCertificates(['127.0.0.1'])).server

test.each<Row>([
  {
    fault: 'TLS taken away',
    options: { tls: 'starttls', script: { STARTTLS: '502 no' } },
    says: ['challenge'],
    comes: true,
  },
  {
    fault: 'a handshake of nonsense',
    options: { tls: 'starttls', script: { handshake: 'HTTP/1.1 400 Bad Request' } },
    says: ['challenge'],
    comes: true,
  },
  {
    fault: 'a handshake that never ends',
    options: { tls: 'implicit', script: { handshake: 'hang' } },
    says: ['challenge', 'not sent'],
    comes: true,
  },
  {
    fault: 'an address that takes no mail',
    options: { script: { RCPT: '550 5.1.1 no such user' } },
    says: ['not sent'],
    comes: false,
  },
  {
    fault: 'a connection lost behind the final dot',
    options: { script: { end: 'reset' } },
    says: ['challenge', 'not sent'],
    comes: true,
  },
])('$fault', async ({ options, says, comes }) => {
  const broken = await breakFirst(options)
  const user = await world.addUser()
  const began = performance.now()
  const asked = await world.api.post('/validate/check', { user: user.user, pass: '' })
  expect(performance.now() - began).toBeLessThan(ANSWERED_WITHIN_MS)
  answers.push(asked)
  expect(says).toContain(outcomeOf(asked))
  if (comes) {
    const mail = await world.nextMail(user.email)
    const code = secrets.add(`code of ${user.user}`, codeIn(mail))
    const id = asked.json.detail.transaction_id as string | undefined
    if (id) {
      const answered = await answer(world, user.user, id, code)
      answers.push(answered)
      expect(isAccepted(answered)).toBe(true)
    }
  } else {
    expect(world.unreadMails(user.email)).toEqual([])
  }
  expect(inClear(broken)).not.toMatch(/AUTH|MAIL|RCPT/)
  await broken.stop()

  function inClear({ sessions }: SmtpServer): string {
    if (options.tls === undefined) return ''
    const lines = sessions.flatMap((session) => session.lines.filter(({ secure }) => !secure))
    return lines.map(({ text }) => text).join()
  }
})

test('a certificate of somebody else', async () => {
  const broken = await breakFirst({ tls: 'starttls', certificate: await foreign() })
  const user = await world.addUser()
  const asked = await world.api.post('/validate/check', { user: user.user, pass: '' })
  answers.push(asked)
  expect(outcomeOf(asked)).toBe('challenge')
  secrets.add(`code of ${user.user}`, codeIn(await world.nextMail(user.email)))
  expect(broken.sessions.flatMap(({ lines }) => lines.map(({ text }) => text)).join()).not.toMatch(
    /AUTH|MAIL/,
  )
  await broken.stop()
})

test('no code and no password is in a log, an answer or a table', async () => {
  const { dynamodb } = clients(world.stack.endpoint)
  const tables = await Promise.all(
    ['otpost-local-tokens', 'otpost-local-challenges'].map(async (TableName) => {
      const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName }))
      expect(Items.length, TableName).toBeGreaterThan(0)
      return JSON.stringify(Items)
    }),
  )
  expect(secrets.size).toBeGreaterThan(4)
  for (const text of tables) expect(secrets.findIn(text)).toEqual([])
  for (const { text } of world.lines) expect(secrets.findIn(text)).toEqual([])
  for (const { text } of answers) expect(secrets.findIn(text)).toEqual([])
})
