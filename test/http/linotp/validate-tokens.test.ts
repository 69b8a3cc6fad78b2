import { beforeEach, describe, expect, it } from 'vitest'
import { codeIn, otherThan, type World } from '../../support/world.ts'
import { createLinotpLogins, type LinotpLogins, REJECT, SUCCESS } from './logins.ts'

let world: World
let check: LinotpLogins['check']
let triggered: LinotpLogins['triggered']

beforeEach(async () => {
  ;({ world, check, triggered } = await createLinotpLogins())
})

describe('several tokens of one PIN', () => {
  beforeEach(async () => {
    const account = await world.account('alice')
    await world.enrol(account, { serial: 'LSEM0', email: 'second@example.org' })
  })
  const codeFor = (to: string) => codeIn(world.mails.findLast((mail) => mail.to === to)!)

  it('are challenged together, numbered in the order of their serials', async () => {
    const { json } = await check({ user: 'alice', pass: '1234' })
    const { transactionid, message, challenges } = json.detail
    expect(message).toBe('Multiple challenges submitted.')
    expect(Object.keys(challenges)).toEqual(['LSEM0', 'LSEM1'])
    expect(challenges.LSEM0).toMatchObject({
      transactionid: `${transactionid}.01`,
      state: `${transactionid}.01`,
      message: 'e-mail sent successfully',
      linotp_tokenserial: 'LSEM0',
    })
    expect(challenges.LSEM1.transactionid).toBe(`${transactionid}.02`)
  })

  it.each(['', '.02'])('are answered by <root>%s', async (part) => {
    const { transactionid } = await triggered()
    const pass = codeFor('alice@example.org')
    const form = { user: 'alice', pass, transactionid: `${transactionid}${part}` }
    expect((await check(form)).json).toEqual(SUCCESS)
  })

  it('the code of one does not answer the other', async () => {
    const { transactionid } = await triggered()
    const pass = codeFor('alice@example.org')
    const answer = await check({ user: 'alice', pass, transactionid: `${transactionid}.01` })
    expect(answer.json).toEqual(REJECT)
  })

  it('one whose mail failed is left out', async () => {
    world.mailServer(({ to }) =>
      to === 'second@example.org'
        ? { sent: false, failure: 'address', reply: '550 unknown' }
        : { sent: true, reply: '250 ok' },
    )
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.detail).toMatchObject({ linotp_tokenserial: 'LSEM1' })
    const { transactionid } = json.detail
    const pass = codeFor('alice@example.org')
    expect((await check({ user: 'alice', pass, transactionid })).json).toEqual(SUCCESS)
  })
})

describe('X19: a code that nobody has answered', () => {
  it('keeps a new mail back: the old transaction is told again', async () => {
    const { transactionid, otp } = await triggered()
    world.advance(60_000)
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.detail).toMatchObject({
      transactionid,
      state: transactionid,
      message: 'e-mail with otp already submitted',
      info: 'challenge already submitted',
    })
    expect(world.mails).toHaveLength(1)
    expect((await check({ user: 'alice', pass: otp, transactionid })).json).toEqual(SUCCESS)
  })

  it('does so no longer than EmailBlockingTimeout', async () => {
    world.set({ EmailBlockingTimeout: '30' })
    const { transactionid } = await triggered()
    world.advance(30_000)
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.detail.transactionid).not.toBe(transactionid)
    expect(world.mails).toHaveLength(2)
  })

  it('ends with its answer', async () => {
    const { transactionid, otp } = await triggered()
    await check({ user: 'alice', pass: otp, transactionid })
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.detail.message).toBe('e-mail sent successfully')
  })

  it('ends with its last attempt', async () => {
    const { transactionid, otp } = await triggered()
    for (let attempt = 0; attempt < 5; attempt++) {
      await check({ user: 'alice', pass: otherThan(otp), transactionid })
    }
    const { json } = await check({ user: 'alice', pass: '1234' })
    expect(json.detail.message).toBe('e-mail sent successfully')
  })

  it('0 switches it off', async () => {
    world.set({ EmailBlockingTimeout: '0' })
    await triggered()
    await triggered()
    expect(world.mails).toHaveLength(2)
  })
})
