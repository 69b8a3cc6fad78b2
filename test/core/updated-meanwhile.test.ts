/** What the version before has mailed, while a deployment goes on: its rows have no seal. */
import { beforeEach, expect, it } from 'vitest'
import { memoryChallenges } from '../../functions/adapters/memory.ts'
import { FORMER } from '../../functions/core/registration/code-serials.ts'
import { confirmAddress, disputeChange, requestAddress } from '../../functions/core/registration.ts'
import { createWorld, type World } from '../support/world.ts'

const CALLER = { clientIp: '192.0.2.1' }

let rows = memoryChallenges()
let world: World
beforeEach(async () => {
  rows = memoryChallenges()
  const settings = { 'selfservice.url': 'https://otp.example.org/self' }
  world = createWorld({ challenges: rows, settings })
  await world.enrol(await world.addUser('alice'), { serial: 'EM00000001' })
})

async function withoutSeal(transactionId: string, serial: string) {
  const { seal: _seal, ...row } = (await rows.get(transactionId, serial))!
  await rows.put(row)
}

it('a code of then is refused and said so in the log; the next one works', async () => {
  const { transactionId, otp } = await world.triggered('alice')
  await withoutSeal(transactionId, 'EM00000001')
  expect(await world.check({ user: 'alice', transactionId, pass: otp })).toMatchObject({
    ...{ outcome: 'rejected', reason: 'altered' },
  })
  expect(world.lines).toContainEqual(
    expect.objectContaining({ level: 'error', message: 'challenge altered' }),
  )
  const next = await world.triggered('alice')
  const answer = { user: 'alice', transactionId: next.transactionId, pass: next.otp }
  expect(await world.check(answer)).toMatchObject({ outcome: 'accepted' })
})

it('a notice of then disputes nothing any more', async () => {
  const account = await world.account('alice')
  const result = await requestAddress(world.ports, account, 'new@example.net', {
    ...{ by: 'self', caller: CALLER },
  })
  if (!result.requested) throw new Error(result.message)
  const { transactionId } = result.pending
  const code = /^\d{6}$/m.exec(world.mails.at(-1)!.text)![0]
  const proof = { transactionId, code, nonce: 'n1', caller: CALLER }
  expect(await confirmAddress(world.ports, result.account, proof)).toMatchObject({
    confirmed: true,
  })
  const { text } = world.mails.findLast(({ to }) => to === 'alice@example.org')!
  const reference = /#dispute=(\d{20})/.exec(text)![1]!
  const typed = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(text)![0]
  await withoutSeal(reference, FORMER)
  expect(await disputeChange(world.ports, reference, typed, 'n2')).toEqual({ disputed: false })
})
