import { beforeEach, describe, expect, it, vi } from 'vitest'
import { deleteToken } from '../../../functions/core/manage-tokens.ts'
import { otherThan } from '../../support/world.ts'
import { addAlice, type Api, createApi } from './api.ts'

const ALICE = { user: 'alice' }
const FULL_WIDTH = [...'０１２３４５６７８９']
let api: Api

beforeEach(async () => {
  api = createApi()
  await addAlice(api.world)
})

const trigger = (subject: object = ALICE, pin = '1234') =>
  api.login('/v1/challenges', { json: { ...subject, pin } })

async function triggered() {
  const { status, json } = await trigger()
  expect(status).toBe(201)
  return { id: json.transaction_id as string, otp: api.lastCode() }
}

const answer = (id: string, otp: string, subject: object = ALICE) =>
  api.login(`/v1/challenges/${id}/answer`, { json: { ...subject, otp } })

describe('a challenge', () => {
  it('has a code mailed and says where it went, masked', async () => {
    const { status, json, headers } = await trigger()

    expect(status).toBe(201)
    expect(json).toEqual({
      transaction_id: expect.stringMatching(/^[0-9]{20}$/),
      expires_at: '2026-11-21T12:02:00.000Z',
      delivery: 'sent',
      challenges: [{ serial: 'EM00000001', delivery: 'sent', address: 'al********@e****.org' }],
      message: 'Enter the code from the e-mail.',
    })
    expect(headers.location).toBe(`/v1/challenges/${json.transaction_id}`)
    expect(api.mails.map(({ to }) => to)).toEqual(['alice@example.org'])
  })

  it('masks the address as the settings say', async () => {
    api.set({ 'mask.address': '****@test.com' })
    expect((await trigger()).json.challenges).toMatchObject([{ address: '****@example.org' }])
  })

  it('is made by serial as well as by name', async () => {
    expect((await trigger({ serial: 'EM00000001' })).status).toBe(201)
    expect((await trigger({ user: 'alice@demo' })).status).toBe(201)
  })

  it('needs no pin where the token has none', async () => {
    await api.enrol(await api.addUser('bob'), { pin: undefined, serial: 'EM00000002' })

    expect((await api.login('/v1/challenges', { json: { user: 'bob' } })).status).toBe(201)
  })

  it('says that the mail is queued while no mail server has it', async () => {
    api.ports.outbox.send = async () => {}

    const { status, json } = await trigger()

    expect(status).toBe(201)
    expect(json).toMatchObject({ delivery: 'queued', challenges: [{ delivery: 'queued' }] })
  })

  it('counts as sent when every mail of it is', async () => {
    await api.enrol(await api.account('alice'), { serial: 'EM00000002' })
    const { send } = api.ports.outbox
    api.ports.outbox.send = ([first]) => send([first!])

    const { json } = await trigger()

    expect(json.delivery).toBe('queued')
    expect(json.challenges.map(({ delivery }: { delivery: string }) => delivery)).toEqual([
      'sent',
      'queued',
    ])
  })

  it('is answered at once by a PIN with an open code behind it', async () => {
    const { otp } = await triggered()

    const { status, json } = await trigger(ALICE, `1234${otp}`)

    expect(status).toBe(200)
    expect(json).toMatchObject({ accepted: true })
  })
})

describe('an answer', () => {
  it('lets in, and says who it was', async () => {
    const { id, otp } = await triggered()

    const { status, json } = await answer(id, otp)

    expect(status).toBe(200)
    expect(json).toEqual({ accepted: true, user: 'alice', realm: 'demo', serial: 'EM00000001' })
  })

  it('lets in once', async () => {
    const { id, otp } = await triggered()
    await answer(id, otp)

    expect(await answer(id, otp)).toMatchObject({ status: 403, json: { reason: 'no_challenge' } })
  })

  it('lets in one of many at the same time', async () => {
    const { id, otp } = await triggered()

    const answers = await Promise.all(Array.from({ length: 8 }, () => answer(id, otp)))

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  it('is refused when it is wrong, and the right one still counts', async () => {
    const { id, otp } = await triggered()

    const wrong = await answer(id, otherThan(otp))

    expect(wrong).toMatchObject({ status: 403, json: { reason: 'wrong_otp' } })
    expect(wrong.json.type).toBe('urn:otpost:problem:rejected')
    expect((await answer(id, otp)).status).toBe(200)
  })

  it.each<[string, (otp: string) => string]>([
    ['a space', (otp) => `${otp.slice(0, 3)} ${otp.slice(3)}`],
    ['a dash', (otp) => `${otp.slice(0, 3)}-${otp.slice(3)}`],
    ['an en dash and a line break', (otp) => `${otp.slice(0, 2)}\u2013${otp.slice(2)}\n`],
    ['no-break and zero-width spaces', (otp) => `\u200b${otp.slice(0, 3)}\u00a0${otp.slice(3)}`],
    ['full-width digits', (otp) => otp.replace(/[0-9]/g, (digit) => FULL_WIDTH[Number(digit)]!)],
  ])('is understood with %s', async (_, typed) => {
    const { id, otp } = await triggered()

    expect((await answer(id, typed(otp))).status).toBe(200)
  })

  it.each([
    [-1, 200],
    [0, 403],
  ])('%i ms from its expiry is answered %i', async (ms, status) => {
    const { json } = await trigger()
    const [id, otp] = [json.transaction_id, api.lastCode()]
    api.advance(Date.parse(json.expires_at) - api.now() + ms)

    expect((await answer(id, otp)).status).toBe(status)
  })

  it('is refused for the challenge of somebody else', async () => {
    await api.enrol(await api.addUser('mallory'), { serial: 'EM00000666' })
    const { id, otp } = await triggered()

    const stolen = await answer(id, otp, { user: 'mallory' })

    expect(stolen).toMatchObject({ status: 403, json: { reason: 'no_challenge' } })
  })

  it('is refused with the code of another challenge', async () => {
    api.set({ 'email.concurrent_challenges': 'true' })
    const [first, second] = [await triggered(), await triggered()]

    expect((await answer(first.id, second.otp)).status).toBe(403)
    expect((await answer(second.id, second.otp)).status).toBe(200)
    expect((await answer(first.id, first.otp)).status).toBe(200)
  })

  it('goes to the newest challenge only, where there may not be several', async () => {
    const [first, second] = [await triggered(), await triggered()]

    expect((await answer(first.id, first.otp)).status).toBe(403)
    expect((await answer(second.id, second.otp)).status).toBe(200)
  })
})

describe('an authentication in one field', () => {
  const authenticate = (pass: string) =>
    api.login('/v1/authentications', { json: { ...ALICE, pass } })

  it('has a code mailed by the PIN, and lets in by PIN and code', async () => {
    expect((await authenticate('1234')).status).toBe(201)
    const pass = `1234${api.lastCode()}`

    expect((await authenticate(pass)).status).toBe(200)
    expect(await authenticate(pass)).toMatchObject({ status: 403, json: { reason: 'wrong_otp' } })
  })
})

describe('the mail of a challenge', () => {
  const look = (id: string, query: string) => api.login(`/v1/challenges/${id}`, { query })

  it('is told to who knows the id and the user, without an address', async () => {
    const { id } = await triggered()

    const { json } = await look(id, 'user=alice')

    expect(json).toEqual({
      transaction_id: id,
      challenges: [{ serial: 'EM00000001', delivery: 'sent' }],
    })
    expect((await look(id, 'serial=EM00000001')).status).toBe(200)
  })

  it('is told of the token that was asked for', async () => {
    await api.enrol(await api.account('alice'), { serial: 'EM00000002' })
    const { id } = await triggered()

    expect((await look(id, 'user=alice')).json.challenges).toHaveLength(2)
    expect((await look(id, 'serial=EM00000002')).json.challenges).toEqual([
      { serial: 'EM00000002', delivery: 'sent' },
    ])
  })

  it('is not told to the next owner of a serial', async () => {
    const { id } = await triggered()
    await deleteToken(api.ports, await api.account('alice'), 'EM00000001')
    await api.enrol(await api.addUser('mallory'), { serial: 'EM00000001' })

    expect((await look(id, 'user=mallory')).status).toBe(404)
  })

  it.each(['alice', 'nobody'])('is looked for whoever is named: %s', async (user) => {
    const list = vi.spyOn(api.ports.challenges, 'list')
    expect((await look('0'.repeat(20), `user=${user}`)).status).toBe(404)
    expect(list).toHaveBeenCalledTimes(1)
  })

  it('is not found by anybody else, nor after its time', async () => {
    await api.addUser('mallory')
    const { id } = await triggered()

    expect((await look(id, 'user=mallory')).status).toBe(404)
    expect((await look(id, 'user=nobody')).status).toBe(404)
    expect((await look('0'.repeat(20), 'user=alice')).status).toBe(404)
    api.advance(120_000)
    expect((await look(id, 'user=alice')).status).toBe(404)
  })
})
