import { beforeAll, describe, expect, it } from 'vitest'
import {
  formatProvider,
  provider,
  type ProviderConfig,
  readProviderConfig,
  type SmtpProvider,
} from '../../functions/core/provider.ts'
import { type Certificates, makeCertificates } from '../adapters/certificates.ts'

let pem: Certificates
beforeAll(async () => {
  pem = await makeCertificates(['localhost'])
})

function read(config: object): ProviderConfig {
  const reading = readProviderConfig(JSON.stringify(config))
  if ('refused' in reading) throw new Error(reading.refused)
  return reading.value
}

const smtp = (config: object) => read(config).provider as SmtpProvider
const why = (config: object | string, kind = readProviderConfig) => {
  const reading = kind(typeof config === 'string' ? config : JSON.stringify(config))
  return 'refused' in reading ? reading.refused : undefined
}

describe('a provider in our words', () => {
  it.each([
    ['no kind at all', {}],
    ['smtp', { kind: 'smtp' }],
    ['SMTP', { kind: 'SMTP' }],
    ['SMTPEmailProvider', { kind: 'SMTPEmailProvider' }],
    ['the class', { kind: 'linotp.provider.emailprovider.SMTPEmailProvider' }],
    ['the old class', { kind: 'linotp.lib.emailprovider.SMTPEmailProvider' }],
  ])('is a mail server by %s', (_, kind) => {
    expect(smtp({ ...kind, server: 'x.example' })).toMatchObject({ kind: 'smtp', port: 25 })
  })

  it('may be SES', () => {
    expect(read({ kind: 'ses', sender: 'Login <a@x.example>' }).provider).toEqual({
      ...{ kind: 'ses', sender: 'a@x.example', senderName: 'Login', subject: '', template: '' },
      ...{ timeout: 10, description: '' },
    })
    expect(why({ kind: 'ses', server: 'x.example' })).toMatch(/server is not a member .*; known: /)
  })

  it('of an unknown kind is refused with the known ones', () => {
    expect(why({ kind: 'linotp.provider.SkypeProvider', server: 'x' })).toMatch(
      /its kind is none that Otpost has; known: smtp, ses, SMTPEmailProvider, /,
    )
  })

  it.each<[string, Partial<Record<string, string>>]>([
    ['otp@x.example', { sender: 'otp@x.example', senderName: '' }],
    ['Otpost <otp@x.example>', { sender: 'otp@x.example', senderName: 'Otpost' }],
    ['"Login, please" <otp@x.example>', { senderName: 'Login, please' }],
    ['<otp@x.example>', { sender: 'otp@x.example', senderName: '' }],
  ])('sends as %s', (sender, parts) => {
    expect(read({ server: 'x.example', sender }).provider).toMatchObject(parts)
  })

  it.each(['a <b', 'a@x.example, b@x.example', 'x\r\nBcc: y <a@x.example>', 'a <b@x.example> c'])(
    'does not send as %j',
    (sender) => {
      expect(why({ server: 'x.example', sender })).toMatch(/its sender /)
    },
  )

  it.each(['login', 'login.eml', 'file://login.eml'])('has the template %j', (template) => {
    expect(smtp({ server: 'x.example', template }).template).toBe(template)
  })

  it.each(['Subject: Hi\r\n\r\nYour code: <otp>', 'MIME-Version: 1.0', 'Hi\nYour code: <otp>'])(
    'has no template that is the mail itself, and says where it goes: %j',
    (template) => {
      const said = why({ server: 'x.example', template })
      expect(said).toMatch(/its template is a whole mail .* `otpost template put`/)
      expect(said).not.toContain('<otp>')
    },
  )

  it.each([
    '../x',
    'file://../x.eml',
    'file:///etc/passwd',
    '/etc/passwd',
    'C:\\x',
    'file:login.eml',
  ])('has no template %s', (template) => {
    expect(why({ server: 'x.example', template })).toMatch(/its template /)
  })

  it('reads again as it was written', () => {
    const config = {
      ...{ server: 'x.example', port: 2525, tls: 'implicit', username: 'otp', subject: 'Hi' },
      ...{ sender: 'A B <a@x.example>', template: 'file://t.eml', timeout: 3, description: 'd' },
      ...{ client_certificate: pem.client.cert, ca: pem.ca },
    }
    const first = read(config).provider
    expect(read(JSON.parse(formatProvider(first))).provider).toEqual(first)
    expect(first).toMatchObject({ clientCertificate: pem.client.cert.trim(), senderName: 'A B' })
  })
})

describe("a provider in LinOTP's words", () => {
  it('has the defaults of LinOTP', () => {
    expect(read({ SMTP_SERVER: 'mail.example.org' })).toEqual({
      password: undefined,
      clientKey: undefined,
      provider: {
        ...{ kind: 'smtp', server: 'mail.example.org', port: 25, tls: 'none', username: '' },
        ...{ sender: '', senderName: '', subject: 'Your OTP', template: '', timeout: 10 },
        ...{ clientCertificate: '', ca: '', description: '' },
      },
    })
  })

  it.each<[object, Partial<SmtpProvider>]>([
    [{ SMTP_PORT: 2525 }, { port: 2525 }],
    [{ SMTP_PORT: '2525' }, { port: 2525 }],
    [{ PORT: '587' }, { port: 587 }],
    [{ PORT: 465, SMTP_PORT: '465' }, { port: 465 }],
    [{ START_TLS: true }, { port: 587, tls: 'starttls' }],
    [{ START_TLS: 'True' }, { port: 587, tls: 'starttls' }],
    [{ START_TLS: 'False' }, { port: 25, tls: 'none' }],
    [{ USE_SSL: true }, { port: 465, tls: 'implicit' }],
    [
      { USE_SSL: 1, START_TLS: true },
      { port: 465, tls: 'implicit' },
    ],
    [
      { USE_SSL: true, SMTP_PORT: 2465 },
      { port: 2465, tls: 'implicit' },
    ],
    [{ SMTP_USER: 'otp' }, { username: 'otp' }],
    [
      { SMTP_USER: null, SMTP_PORT: '' },
      { username: '', port: 25 },
    ],
    [{ EMAIL_FROM: 'linotp@x.example' }, { sender: 'linotp@x.example' }],
    [{ EMAIL_SUBJECT: 'Code' }, { subject: 'Code' }],
    [{ TEMPLATE: 'file://enroll2user.eml' }, { template: 'file://enroll2user.eml' }],
    [{ TIMEOUT: 7 }, { timeout: 7 }],
    [{ TIMEOUT: '(5, 3.5)' }, { timeout: 9 }],
    [{ TIMEOUT: [5, 300] }, { timeout: 25 }],
  ])('reads %o', (config, members) => {
    expect(smtp({ SMTP_SERVER: 'x.example', ...config })).toMatchObject(members)
  })

  it.each<[object, RegExp]>([
    [{ SMTP_PORT: 25 }, /its server is missing/],
    [{ SMTP_SERVER: '' }, /its server is missing/],
    [{ SMTP_SERVER: 'x', SMTP_PORT: 0 }, /its SMTP_PORT is below 1/],
    [{ SMTP_SERVER: 'x', SMTP_PORT: 65_536 }, /its SMTP_PORT is above 65535/],
    [{ SMTP_SERVER: 'x', PORT: 'abc' }, /its PORT is not a whole number/],
    [{ SMTP_SERVER: 'x', PORT: 25, SMTP_PORT: 26 }, /its SMTP_PORT differs from PORT/],
    [{ SMTP_SERVER: 'x', START_TLS: 'maybe' }, /its START_TLS is not one of the accepted words/],
    [{ SMTP_SERVER: 'x', EMAIL_FROM: 'nobody' }, /its EMAIL_FROM is not one e-mail address/],
    [{ SMTP_SERVER: 'x', TEMPLATE: 'file://../x' }, /its TEMPLATE leads out of/],
    [{ SMTP_SERVER: 'x', TIMEOUT: 'soon' }, /its TIMEOUT is neither/],
    [{ SMTP_SERVER: 'x', CERTFILE: '/etc/cert.pem' }, /its CERTFILE is no PEM/],
    [{ SMTP_SERVER: 'x', KEYFILE: '/etc/key.pem' }, /its KEYFILE is no PEM.*client_key/],
    [{ SMTP_SERVER: 'x', SMTP_HOST: 'y' }, /its SMTP_HOST is no member .*known: SMTP_SERVER/],
    [{ SMTP_SERVER: 'x', port: 25 }, /its port is no member/],
    [{ SMTP_SERVER: {} }, /its SMTP_SERVER is not plain text/],
  ])('refuses %o', (config, reason) => {
    expect(why(config)).toMatch(reason)
  })

  it('gives its secrets apart, and a mask for none', () => {
    const key = pem.client.key
    const config = { SMTP_SERVER: 'x', CERTFILE: pem.client.cert, SMTP_USER: 'u' }
    const given = read({ ...config, SMTP_PASSWORD: 's3cret', KEYFILE: key })
    expect(given).toMatchObject({ password: 's3cret', clientKey: key })
    expect(JSON.stringify(given.provider)).not.toMatch(/s3cret|PRIVATE/)
    const masked = read({ ...config, SMTP_PASSWORD: '__CENSORED__', KEYFILE: '__CENSORED__' })
    expect(masked).toMatchObject({ password: undefined, clientKey: undefined })
  })
})

describe('a provider that is stored in clear', () => {
  const parameter = (text: string) => provider.read(text)

  it.each([
    { server: 'x.example', password: 's3cret' },
    { SMTP_SERVER: 'x.example', SMTP_USER: 'u', SMTP_PASSWORD: 's3cret' },
  ])('may not hold the password in %o, which is not quoted', (config) => {
    const refused = why(config, parameter as never)
    expect(refused).toMatch(/holds its password in clear.*SecureString providers\/<name>\.password/)
    expect(refused).not.toContain('s3cret')
  })

  it('may not hold the private key', () => {
    const refused = why({ SMTP_SERVER: 'x', KEYFILE: pem.client.key }, parameter as never)
    expect(refused).toMatch(/holds its private key in clear.*providers\/<name>\.client_key/)
    expect(refused).not.toContain('BEGIN')
  })

  it('says where it is no JSON, and quotes nothing of it', () => {
    const refused = why(`{'SMTP_PASSWORD': 's3cret'}`, parameter as never)
    expect(refused).toMatch(/line 1, column 2 \(offset 1\).*double quotes/)
    expect(refused).not.toContain('s3cret')
  })
})
