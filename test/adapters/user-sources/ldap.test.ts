import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ldapUserSource } from '../../../functions/adapters/ldap-user-source.ts'
import { readDirectory } from '../../../functions/core/directory.ts'
import type { LdapDirectory } from '../../../functions/core/directory-kinds.ts'
import { SourceFault } from '../../../functions/core/user-source.ts'
import { makeCertificates } from '../certificates.ts'
import { ALICE, ENTRIES, PEOPLE } from './people.ts'
import { BASE, BIND_DN, BIND_PASSWORD, type Slapd, startSlapd, WITHOUT_SLAPD } from './slapd.ts'
import { passwordOf, userSourceSuite } from './user-source-suite.ts'

if (WITHOUT_SLAPD) console.warn(`LDAP is not tested: ${WITHOUT_SLAPD}.`)

describe.skipIf(WITHOUT_SLAPD)('a directory that speaks LDAP', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd(ENTRIES)
  })
  afterAll(() => slapd?.stop())

  const config = (members: object = {}): LdapDirectory => {
    const usual = { uri: slapd.ldaps, ca: slapd.ca, base_dn: BASE, bind_dn: BIND_DN, timeout: 2 }
    const reading = readDirectory({ type: 'ldap', ...usual, ...members })
    if ('refused' in reading) throw new Error(reading.refused)
    return reading.value as LdapDirectory
  }
  const source = (members: object = {}, password: string | undefined = BIND_PASSWORD) =>
    ldapUserSource(config(members), password)

  describe('by ldaps://', () => userSourceSuite(() => source()))
  describe('by STARTTLS', () => userSourceSuite(() => source({ uri: slapd.ldap, starttls: true })))
  describe('by ldap:// on loopback', () => userSourceSuite(() => source({ uri: slapd.ldap })))

  it('finds all addresses in the order of the attributes that are named', async () => {
    const attributes = { email: 'nothing, MAIL, uid', uid: 'entryUUID' }
    const alice = await source({ attributes }).find('alice')
    expect(alice!.email.toSorted()).toEqual(['alice', 'alice@example.net', 'alice@example.org'])
    expect(alice!.email.at(-1)).toBe('alice')
    expect(alice!.uid).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('knows a user by the DN where no attribute is named', async () => {
    expect((await source().find('alice'))!.uid).toBe(ALICE)
  })

  it('spells a name as the directory does', async () => {
    expect(await source().find('ALICE')).toMatchObject({ login: 'alice' })
  })

  it('finds by another filter, and then the name is still the one of the login attribute', async () => {
    const byMail = source({
      filter: '(&(objectClass=inetOrgPerson)(|(uid={login})(mail={login})))',
    })
    expect(await byMail.find('alice@example.net')).toMatchObject({ login: 'alice' })
  })

  it('takes a password for that name only: whoever wrote another attribute is not who it names', async () => {
    const byMail = source({
      filter: '(&(objectClass=inetOrgPerson)(|(uid={login})(mail={login})))',
    })
    expect(await byMail.checkPassword('alice@example.net', passwordOf('alice'))).toBe(false)
    expect(await byMail.checkPassword('ALICE', passwordOf('alice'))).toBe(true)
  })

  it('looks below the base and as deep as the scope', async () => {
    expect(await source({ scope: 'one' }).find('alice')).toBeUndefined()
    expect(await source({ scope: 'one', base_dn: PEOPLE }).find('alice')).toBeDefined()
    expect(await source({ scope: 'base', base_dn: ALICE }).find('alice')).toBeDefined()
  })

  it('does not choose between two users of one name', async () => {
    await expect(source().find('twin')).rejects.toThrow('several users of that name')
    await expect(source().checkPassword('twin', passwordOf('twin'))).rejects.toThrow(SourceFault)
  })

  it('does not follow referrals', async () => {
    // somebody listens there, and must not be asked
    expect(await source({ base_dn: BASE }).find('nobody')).toBeUndefined()
    await expect(source({ base_dn: `ou=elsewhere,${BASE}` }).find('alice')).rejects.toThrow(
      SourceFault,
    )
  })

  it('lists no more than the limit, and says so', async () => {
    const { users, more } = await source({ size_limit: 2 }).list('')
    expect(users.length).toBeLessThanOrEqual(2)
    expect(more).toBe(true)
  })

  it('never binds with an empty password, which this server would take', async () => {
    await expect(source().checkPassword('alice', '')).resolves.toBe(false)
  })

  describe('is a fault, not a no,', () => {
    const asked = (members: object, password?: string) =>
      Promise.all([
        expect(source(members, password).find('alice')).rejects.toThrow(SourceFault),
        expect(source(members, password).find('nobody')).rejects.toThrow(SourceFault),
        expect(
          source(members, password).checkPassword('alice', passwordOf('alice')),
        ).rejects.toThrow(SourceFault),
      ])

    it('without the authority of the certificate', () => asked({ ca: '' }))

    it('with another authority', async () => asked({ ca: (await makeCertificates(['x'])).ca }))

    it('where the certificate is for another host', () => asked({ uri: slapd.ldapsByOtherName }))

    it('by STARTTLS where the certificate is for another host', () =>
      asked({ uri: slapd.ldap.replace('127.0.0.1', 'localhost'), starttls: true }))

    it('by STARTTLS without the authority', () =>
      asked({ uri: slapd.ldap, starttls: true, ca: '' }))

    it('by ldaps:// to a port that speaks in clear', () =>
      asked({ uri: slapd.ldap.replace('ldap:', 'ldaps:') }))

    it('where nobody listens', () => asked({ uri: 'ldaps://127.0.0.1:1' }))

    it('with the wrong password of bind_dn', () => asked({}, 'wrong'))

    it('below a base that does not exist', () => asked({ base_dn: 'dc=other' }))

    it('without the password of bind_dn', async () => {
      await expect(ldapUserSource(config()).find('alice')).rejects.toThrow('password of bind_dn')
    })

    it('when the server does not answer in time, and works again when it does', async () => {
      slapd.freeze()
      const began = performance.now()
      try {
        await asked({ timeout: 1 })
        expect(performance.now() - began).toBeLessThan(10_000)
      } finally {
        slapd.thaw()
      }
      expect(await source().find('alice')).toBeDefined()
    })
  })

  it('asks the next server where one cannot be reached', async () => {
    const uri = `ldaps://127.0.0.1:1, ${slapd.ldapsByOtherName}, ${slapd.ldaps}`
    expect(await source({ uri }).find('alice')).toBeDefined()
  })

  it('never says a password to a server that refuses STARTTLS', async () => {
    const said: Buffer[] = []
    const refusing = await listen((data) => {
      said.push(data)
      // extendedResp, result code 2
      return Buffer.from('300c02010178070a010204000400', 'hex')
    })
    try {
      const uri = `ldap://127.0.0.1:${refusing.port}`
      await expect(source({ uri, starttls: true }).find('alice')).rejects.toThrow('STARTTLS')
      expect(Buffer.concat(said).toString()).not.toContain(BIND_PASSWORD)
    } finally {
      refusing.server.close()
    }
  })

  it('takes nothing that was said in clear behind the answer to STARTTLS', async () => {
    const agreed = Buffer.from('300c02010178070a010004000400', 'hex')
    const injecting = await listen(() => Buffer.concat([agreed, agreed]))
    try {
      const uri = `ldap://127.0.0.1:${injecting.port}`
      await expect(source({ uri, starttls: true }).find('alice')).rejects.toThrow('STARTTLS')
    } finally {
      injecting.server.close()
    }
  })

  it('names no password in what it says of a fault', async () => {
    const fault = await source({}, 'wrong-of-bind-dn')
      .find('alice')
      .catch((error: Error) => `${error.message} ${error.stack}`)
    expect(fault).toContain('LDAP server')
    expect(fault).not.toContain('wrong-of-bind-dn')
  })

  it('hears of a change at once', async () => {
    await slapd.replace(ALICE, 'mobile', ['+49 170 2'])
    expect((await source().find('alice'))!.mobile).toBe('+49 170 2')
    await slapd.replace(ALICE, 'mobile', ['+49 170 1'])
  })
})

async function listen(answer: (data: Buffer) => Buffer): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => void socket.write(answer(data)))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return { server, port: (server.address() as { port: number }).port }
}
