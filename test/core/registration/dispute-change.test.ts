import { beforeEach, describe, expect, it } from 'vitest'
import {
  confirmAddress,
  disputeChange,
  isDisputed,
  requestAddress,
  restoreAddress,
  setAddress,
} from '../../../functions/core/registration.ts'
import { deleteToken } from '../../../functions/core/manage-tokens.ts'
import { passwordHash, updateUser } from '../../../functions/core/users.ts'
import { authentication } from '../../support/policies.ts'
import { createWorld, type World } from '../../support/world.ts'

const CALLER = { clientIp: '192.0.2.1' }
const URL = 'https://otp.example.org/self'
let world: World
let nonce = 0
beforeEach(async () => {
  world = createWorld({ settings: { 'selfservice.url': URL } })
  const alice = await world.addUser('alice')
  await world.enrol(alice, { serial: 'EM00000001', email: 'alice@example.org' })
  await world.enrol(alice, { serial: 'EM00000002' })
})

/** Changes the address as the person, or whoever has their session, would. */
async function changeTo(address: string) {
  const { ports } = world
  const account = await world.account('alice')
  const result = await requestAddress(ports, account, address, { by: 'self', caller: CALLER })
  if (!result.requested) throw new Error(result.message)
  const { transactionId } = result.pending
  const code = world.mails.findLast(({ to }) => to === address)!.text.match(/^\d{6}$/m)![0]
  const proof = { transactionId, code, nonce: `n${++nonce}`, caller: CALLER }
  return confirmAddress(ports, result.account, proof)
}

/** What the reader of an address before was told. */
function noticeTo(address: string) {
  const mail = world.mails.findLast(({ to }) => to === address)!
  const reference = /#dispute=(\d{20})/.exec(mail.text)?.[1] ?? ''
  const code = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(mail.text)?.[0] ?? ''
  return { mail, reference, code }
}

const dispute = (reference: string, code: string) =>
  disputeChange(world.ports, reference, code, `n${++nonce}`)

describe('the notice to the address before', () => {
  it('R25 says what changed, masked, and where to say that it was somebody else', async () => {
    await changeTo('new@example.net')
    const { mail, reference, code } = noticeTo('alice@example.org')
    expect(mail.subject).toBe('Your e-mail address for sign-in codes was changed')
    expect(mail.text).toContain('n*********@e****.net')
    expect(mail.text).toContain(`${URL}#dispute=${reference} by `)
    expect(code).not.toBe('')
    expect(mail.html).toContain(code)
    const all = JSON.stringify(world.mails.filter(({ to }) => to === 'alice@example.org'))
    expect(all).not.toContain('new@example.net')
    expect(mail.text).not.toMatch(/^\d{6}$/m)
  })

  it('names whom to tell, and no code, where there is no page to enter one', async () => {
    world = createWorld({ settings: { 'selfservice.contact': 'the help desk' } })
    await world.addUser('alice')
    await changeTo('new@example.net')
    const { mail, code } = noticeTo('alice@example.org')
    expect(mail.text).toContain('tell the help desk at once')
    expect(code).toBe('')
  })

  it('is ours whatever policies, settings and templates say of codes', async () => {
    const policy = { scope: 'authentication', action: { emailtext: 'EVIL', emailsubject: 'EVIL' } }
    world.set({ 'policies/p': JSON.stringify(policy), 'email.text': 'EVIL' })
    await changeTo('new@example.net')
    expect(JSON.stringify(world.mails)).not.toContain('EVIL')
  })

  it('goes out when an administrator sets the address, and not when nothing changed', async () => {
    const account = await world.account('alice')
    await setAddress(world.ports, account, 'Alice@example.org')
    expect(world.mails).toEqual([])
    await setAddress(world.ports, await world.account('alice'), 'new@example.net')
    expect(world.mails.map(({ to }) => to)).toEqual(['Alice@example.org'])
    expect((await world.account('alice')).emailVerified).toMatchObject({ method: 'admin' })
  })

  it('is tried again while the mail server is down, once however often it is asked for', async () => {
    let down = true
    world.mailServer((mail) =>
      down && mail.to === 'alice@example.org'
        ? { sent: false, failure: 'transient', reply: '451 later' }
        : { sent: true, reply: '250 ok' },
    )
    await changeTo('new@example.net')
    expect(world.waiting).toHaveLength(1)
    expect(JSON.stringify(world.waiting)).not.toContain('@example')
    down = false
    const [reference] = world.waiting
    world.waiting.push(reference!)
    await world.deliverAll()
    expect(world.mails.filter(({ to }) => to === 'alice@example.org')).toHaveLength(1)
  })

  it('that cannot be queued is reported, and the change stands', async () => {
    const send = world.ports.outbox.send.bind(world.ports.outbox)
    world.ports.outbox.send = async (references) => {
      if (references.some(({ serial }) => serial === '@former')) throw new Error('queue gone')
      return send(references)
    }
    expect(await changeTo('new@example.net')).toMatchObject({ confirmed: true })
    expect(world.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'address_notice_lost', user: 'alice' }),
    )
  })
})

describe('"it wasn\'t me"', () => {
  it('keeps everybody out, the person too, and gives no way in', async () => {
    await changeTo('new@example.net')
    const login = await world.triggered('alice')
    const { reference, code } = noticeTo('alice@example.org')
    expect(await dispute(reference, code.toLowerCase().replaceAll('-', ' '))).toMatchObject({
      disputed: true,
    })
    const answer = { user: 'alice', pass: login.otp, transactionId: login.transactionId }
    expect(await world.check(answer)).toMatchObject({ outcome: 'rejected' })
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({ reason: 'disabled' })
    for (const pass of [code, `1234${code}`]) {
      expect(await world.check({ user: 'alice', pass, transactionId: reference })).toMatchObject({
        outcome: 'rejected',
      })
    }
    const account = await world.account('alice')
    expect(account.email).toBe('new@example.net')
    expect(isDisputed(account)).toBe(true)
    expect(world.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'address_disputed', user: 'alice' }),
    )
    await expect(changeTo('other@example.net')).rejects.toThrow('disputed')
  })

  it('can be said once, with the right code, for three days', async () => {
    await changeTo('new@example.net')
    const { reference, code } = noticeTo('alice@example.org')
    expect(await dispute(reference, 'AAAA-BBBB-CCCC-DDDD')).toEqual({ disputed: false })
    expect(await dispute('00000000000000000000', code)).toEqual({ disputed: false })
    world.advance(72 * 3_600_000)
    expect(await dispute(reference, code)).toEqual({ disputed: false })

    await changeTo('third@example.net')
    const second = noticeTo('new@example.net')
    expect(await dispute(second.reference, second.code)).toMatchObject({ disputed: true })
    expect(await dispute(second.reference, second.code)).toEqual({ disputed: false })
  })

  it('cannot be guessed: ten wrong codes end it', async () => {
    await changeTo('new@example.net')
    const { reference, code } = noticeTo('alice@example.org')
    for (let count = 0; count < 10; count++) await dispute(reference, `AAAA-${count}`)
    expect(await dispute(reference, code)).toEqual({ disputed: false })
  })

  it('reaches back over a second change, and is not pushed out by many', async () => {
    await changeTo('new@example.net')
    world.set({ 'registration.per_hour': '0', 'mail.per_hour': '0', 'mail.per_day': '0' })
    for (let count = 0; count < 7; count++) await changeTo(`a${count}@example.net`)
    await expect(changeTo('a8@example.net')).rejects.toThrow('too often')
    const { reference, code } = noticeTo('alice@example.org')
    expect(await dispute(reference, code)).toMatchObject({ disputed: true })
    const restored = await restoreAddress(world.ports, await world.account('alice'))
    expect(restored).toMatchObject({ placed: true, account: { email: 'alice@example.org' } })
  })

  it('is undone by an administrator: the address from before, its tokens, and logins', async () => {
    await world.enrol(await world.account('alice'), { serial: 'EM00000003', info: { x: 'y' } })
    await changeTo('new@example.net')
    const { reference, code } = noticeTo('alice@example.org')
    await dispute(reference, code)
    const result = await restoreAddress(world.ports, await world.account('alice'))
    expect(result).toMatchObject({ placed: true, addresses: { old: {}, new: {} } })
    const account = await world.account('alice')
    expect(account).toMatchObject({ email: 'alice@example.org' })
    expect(account.tokens.EM00000001).toMatchObject({ email: 'alice@example.org', enabled: true })
    expect(account.tokens.EM00000001).not.toHaveProperty('info')
    expect(account.tokens.EM00000003!.info).toEqual({ x: 'y' })
    expect(account.former).toBeUndefined()
    await world.triggered('alice')
    expect(world.mails.at(-1)).toMatchObject({ to: 'alice@example.org' })
    expect(await restoreAddress(world.ports, account)).toMatchObject({
      reason: 'nothing_to_restore',
    })
  })

  it.each(['passOnNoToken', 'passthru=userstore'])(
    'is not got round by taking the tokens away: %s',
    async (action) => {
      const password = await passwordHash(world.ports, 'alicepw')
      await updateUser(world.ports, 'demo', 'alice', { password })
      world.set(authentication(action))
      await changeTo('new@example.net')
      const { reference, code } = noticeTo('alice@example.org')
      await dispute(reference, code)
      for (const serial of ['EM00000001', 'EM00000002']) {
        await deleteToken(world.ports, await world.account('alice'), serial)
      }
      expect(await world.check({ user: 'alice', pass: 'alicepw' })).toMatchObject({
        reason: 'no_token',
      })
    },
  )

  it('leaves a token disabled that an administrator had disabled', async () => {
    await world.enrol(await world.account('alice'), { serial: 'EM00000004' })
    const account = await world.account('alice')
    const off = { ...account.tokens.EM00000004!, enabled: false }
    await world.ports.accounts.save(account, {
      ...account,
      tokens: { ...account.tokens, EM00000004: off },
    })
    await changeTo('new@example.net')
    const { reference, code } = noticeTo('alice@example.org')
    await dispute(reference, code)
    await restoreAddress(world.ports, await world.account('alice'))
    const { tokens } = await world.account('alice')
    expect(tokens.EM00000004!.enabled).toBe(false)
    expect(tokens.EM00000002!.enabled).toBe(true)
  })
})
