import { describe, expect, it } from 'vitest'
import { SETTLING } from '../../functions/core/budget.ts'
import { DAY } from '../../functions/core/spans.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { planChallenges } from '../../functions/core/trigger-challenge.ts'
import { testAccount, testToken } from '../support/accounts.ts'

const NOW = 100 * DAY

describe('the plan of a trigger', () => {
  const account = testAccount(
    { pinFailures: 3 },
    testToken('EMONE'),
    testToken('EMTWO', { counter: 7 }),
  )
  const plan = (changes: Partial<Parameters<typeof planChallenges>[0]> = {}, raw = {}) =>
    planChallenges({
      account,
      serials: ['EMONE', 'EMTWO'],
      settings: parseSettings(raw).settings,
      now: NOW,
      transactionId: '42',
      pinProven: false,
      ...changes,
    })

  it('is one challenge per token under one transaction_id, on the next counter of each', () => {
    const { challenges, notSent, account: after } = plan()
    expect(challenges.map(({ serial, counter }) => [serial, counter])).toEqual([
      ['EMONE', 1],
      ['EMTWO', 8],
    ])
    expect(challenges.every(({ transactionId }) => transactionId === '42')).toBe(true)
    expect(notSent).toEqual({})
    expect(after.tokens.EMONE!.counter).toBe(1)
    expect(after.tokens.EMTWO!.counter).toBe(8)
  })

  it('opens a challenge that nothing can answer yet', () => {
    const [challenge] = plan({ serials: ['EMONE'] }).challenges
    expect(challenge).toEqual({
      transactionId: '42',
      serial: 'EMONE',
      account: account.key,
      counter: 1,
      createdAt: NOW,
      expiresAt: NOW + 120_000,
      maxAttempts: 5,
      attempts: 0,
      guessMac: '-',
      guessedBy: '-',
      delivery: 'queued',
    })
  })

  it('decided anew after its own write, leaves each challenge once', () => {
    const { account: written } = plan()
    const { account: again, challenges } = plan({ account: written })
    expect(again.open.map(({ transactionId, serial }) => [transactionId, serial])).toEqual([
      ['42', 'EMONE'],
      ['42', 'EMTWO'],
    ])
    expect(again.open.map(({ counter }) => counter)).toEqual(
      challenges.map(({ counter }) => counter),
    )
  })

  it.each([
    ['600', 600],
    ['9', 120],
    ['86401', 120],
    ['soon', 120],
  ])('X18 with the challenge_validity_time %s of its token is open for %i s', (info, seconds) => {
    const own = testAccount({}, testToken('EMONE', { info: { challenge_validity_time: info } }))
    const { challenges, account: after } = plan({ account: own, serials: ['EMONE'] })
    expect(challenges[0]!.expiresAt).toBe(NOW + seconds * 1000)
    expect(after.open[0]!.expiresAt).toBe(NOW + seconds * 1000)
  })

  it('counts the mail to where it goes', () => {
    const own = testAccount(
      { email: 'user@x.example' },
      testToken('EMONE', { email: 'own@x.example' }),
    )
    const options = { account: own, serials: ['EMONE'] }
    expect(Object.keys(plan(options).account.mails)).toEqual(['own@x.example'])
    const dynamic = plan({ ...options, dynamicAddress: true })
    expect(Object.keys(dynamic.account.mails)).toEqual(['user@x.example'])
    expect(dynamic.challenges[0]!.dynamicAddress).toBe(true)
  })

  it('reserves for each challenge what it may cost', () => {
    const { challenges, account: after } = plan({}, { 'account.max_wrong_per_day': '9' })
    expect(challenges.map(({ maxAttempts }) => maxAttempts)).toEqual([3, 2])
    expect(after.open.map(({ attempts }) => attempts)).toEqual([3, 2])
  })

  it('replaces the older challenges of the same token, unless they may be concurrent', () => {
    const older = { transactionId: '1', counter: 1, expiresAt: NOW + 1, attempts: 5 }
    const open = [
      { ...older, serial: 'EMONE' },
      { ...older, serial: 'EMTWO' },
    ]
    const input = { account: { ...account, open }, serials: ['EMONE'] }
    const superseded = (raw: object) => plan(input, raw).account.open.map((one) => one.superseded)
    expect(superseded({})).toEqual([true, undefined, undefined])
    expect(superseded({ 'email.concurrent_challenges': 'true' })).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('forgets what no limit looks at any more', () => {
    const one = { transactionId: '1', serial: 'EMONE', counter: 1, attempts: 1 }
    const open = [
      { ...one, expiresAt: NOW - SETTLING },
      { ...one, expiresAt: NOW - SETTLING + 1 },
    ]
    const wrong = [NOW - DAY, NOW - DAY + 1]
    const { account: after } = plan({ account: { ...account, open, wrong }, serials: ['EMTWO'] })
    expect(after.open).toHaveLength(2)
    expect(after.wrong).toEqual([NOW - DAY + 1])
  })

  it('forgives wrong PINs to who has proven the right one, mail or no mail', () => {
    expect(plan().account.pinFailures).toBe(3)
    expect(plan({ pinProven: true }).account.pinFailures).toBe(0)
    expect(plan({ pinProven: true, serials: [] }).account.pinFailures).toBe(0)
    expect(plan({ serials: [] }).account).toBe(account)
  })

  it.each([
    ['unusable', { serials: ['EMGONE'] }],
    ['unusable', { account: testAccount({}, testToken('EMONE', { enabled: false })) }],
    ['no_address', { account: testAccount({ email: undefined }, testToken('EMONE')) }],
    ['guess_budget', { account: testAccount({ consecutive: 100 }, testToken('EMONE')) }],
    [
      'guess_budget',
      { account: testAccount({ wrong: Array<number>(20).fill(NOW) }, testToken('EMONE')) },
    ],
    [
      'mail_limit',
      {
        account: testAccount(
          { mails: { 'alice@example.org': Array<number>(5).fill(NOW) } },
          testToken('EMONE'),
        ),
      },
    ],
  ])('says %s where that is the reason', (reason, input) => {
    const { notSent, challenges } = plan({ serials: ['EMONE'], ...input })
    expect(Object.values(notSent)).toEqual([reason])
    expect(challenges).toEqual([])
  })

  it('leaves out one token without holding up the others', () => {
    const mixed = testAccount({}, testToken('EMONE', { revoked: true }), testToken('EMTWO'))
    const { notSent, challenges } = plan({ account: mixed })
    expect(notSent).toEqual({ EMONE: 'unusable' })
    expect(challenges.map(({ serial }) => serial)).toEqual(['EMTWO'])
  })

  it('counts the mails of tokens that share an address', () => {
    const { notSent, account: after } = plan({}, { 'mail.per_hour': '1' })
    expect(notSent).toEqual({ EMTWO: 'mail_limit' })
    expect(after.mails).toEqual({ 'alice@example.org': [NOW] })
  })
})
