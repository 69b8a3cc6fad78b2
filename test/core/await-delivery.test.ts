import { describe, expect, it } from 'vitest'
import { awaitDelivery } from '../../functions/core/await-delivery.ts'
import type { Challenge } from '../../functions/core/challenge.ts'
import { sentChallenge } from '../support/challenges.ts'

describe('waiting for the mail', () => {
  const queued = sentChallenge({ delivery: 'queued' })

  /** A store whose answers are scripted, and a clock that only sleeping moves. */
  function script(...answers: (Challenge | undefined | Error)[]) {
    let time = 0
    let asked = 0
    const slept: number[] = []
    const get = async () => {
      const answer = answers[Math.min(asked++, answers.length - 1)]
      if (answer instanceof Error) throw answer
      return answer
    }
    const sleep = async (ms: number) => {
      slept.push(ms)
      time += ms
    }
    const ports = { challenges: { get }, now: () => time, sleep } as unknown as Parameters<
      typeof awaitDelivery
    >[0]
    return {
      wait: (patience: number, challenges = [queued]) => awaitDelivery(ports, challenges, patience),
      slept,
      time: () => time,
      asked: () => asked,
    }
  }

  it('ends as soon as the mail is sent', async () => {
    const clock = script(
      queued,
      { ...queued, delivery: 'sending' },
      { ...queued, delivery: 'sent' },
    )
    const [seen] = await clock.wait(1500)
    expect(seen!.delivery).toBe('sent')
    expect(clock.slept).toEqual([40, 60, 90])
  })

  it('ends at once when the mail failed', async () => {
    const clock = script({ ...queued, delivery: 'failed' })
    expect((await clock.wait(1500))[0]!.delivery).toBe('failed')
    expect(clock.time()).toBe(40)
  })

  it('N12: ends when the time is up, however slow the server', async () => {
    const clock = script({ ...queued, delivery: 'sending' })
    const [seen] = await clock.wait(1500)
    expect(seen!.delivery).toBe('sending')
    expect(clock.time()).toBe(1500)
    expect(Math.max(...clock.slept)).toBe(250)
  })

  it('does not happen where nobody wants to wait', async () => {
    const clock = script(queued)
    expect(await clock.wait(0)).toEqual([queued])
    expect(clock.asked()).toBe(0)
  })

  it('does not happen where there is nothing to wait for', async () => {
    const clock = script(queued)
    expect(await clock.wait(1500, [])).toEqual([])
    const sent = sentChallenge()
    expect(await clock.wait(1500, [sent])).toEqual([sent])
    expect(clock.slept).toEqual([])
  })

  it('goes on while the database is down, and gives what was known before', async () => {
    const clock = script(new Error('down'))
    expect(await clock.wait(1500)).toEqual([queued])
    expect(clock.time()).toBe(1500)
  })

  it('sees what the database says once it is back', async () => {
    const clock = script(new Error('down'), undefined, { ...queued, delivery: 'sent' })
    expect((await clock.wait(1500))[0]!.delivery).toBe('sent')
  })

  it('asks only for those that are not decided', async () => {
    const clock = script({ ...queued, delivery: 'sent' })
    await clock.wait(1500, [sentChallenge(), queued, sentChallenge({ delivery: 'failed' })])
    expect(clock.asked()).toBe(1)
  })
})
