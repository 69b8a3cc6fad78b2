import { beforeEach, describe, expect, it } from 'vitest'
import { publishSettings } from '../../functions/core/publish-settings.ts'
import type {
  ParameterTree,
  PublishPorts,
  Published,
  Snapshot,
  SnapshotStore,
} from '../../functions/core/publish-settings.ts'

const HOUR = 3_600_000
const GOOD = { 'email.mailfrom': 'otp@x.example' }

/** One snapshot in memory that counts its writes. */
function memorySnapshots(): SnapshotStore & { stored: () => Snapshot | undefined; rev: number } {
  let snapshot: Snapshot | undefined
  return {
    rev: 0,
    stored: () => snapshot,
    async load() {
      return { rev: this.rev, snapshot }
    },
    async save(next, rev) {
      if (rev !== this.rev) return false
      snapshot = structuredClone(next)
      this.rev = rev + 1
      return true
    },
  }
}

describe('publishing settings', () => {
  let tree: ParameterTree
  let now: number
  let snapshots: ReturnType<typeof memorySnapshots>
  let reports: Published[]
  let ports: PublishPorts

  const publish = (values: Record<string, string>, secrets: Record<string, number> = {}) => {
    tree = { values, secrets }
    return publishSettings(ports)
  }

  beforeEach(() => {
    now = 1_000_000
    reports = []
    snapshots = memorySnapshots()
    ports = {
      parameters: { list: async () => tree },
      snapshots,
      clock: () => now,
      report: (outcome) => reports.push(outcome),
    }
  })

  it('puts the first valid parameters in force as version 1', async () => {
    const outcome = await publish(GOOD, { 'email.password': 3, 'email.username': 1 })
    expect(outcome).toMatchObject({ version: 1, published: true })
    await publish({ ...GOOD, 'mail.provider': 'ses' }, { 'email.password': 3 })
    expect(snapshots.stored()).toEqual({
      version: 2,
      values: { ...GOOD, 'mail.provider': 'ses' },
      secrets: { 'email.password': 3 },
      publishedAt: now,
      checkedAt: now,
      problems: [],
    })
  })

  it('keeps the last good set entirely when one value is refused, and says so', async () => {
    await publish(GOOD)
    now += 5
    const bad = { ...GOOD, 'email.validtime': '300', 'email.port': '0' }
    const outcome = await publish(bad)

    expect(outcome).toMatchObject({ version: 1, published: false })
    expect(outcome.problems).toMatchObject([{ name: 'email.port', severity: 'error' }])
    expect(snapshots.stored()).toMatchObject({
      version: 1,
      values: GOOD,
      publishedAt: now - 5,
      checkedAt: now,
      problems: outcome.problems,
    })
    expect(reports.at(-1)).toEqual(outcome)
  })

  it('clears the problems once they are repaired, without a new version', async () => {
    await publish(GOOD)
    await publish({ ...GOOD, 'email.port': '0' })
    expect(await publish(GOOD)).toEqual({ version: 1, published: false, problems: [] })
    expect(snapshots.stored()!.problems).toEqual([])
  })

  it('starts with safe values when there has never been a valid set', async () => {
    const outcome = await publish({ ...GOOD, 'email.tls': 'start', 'email.validtime': 'long' })
    expect(outcome).toMatchObject({ version: 1, published: true })
    expect(snapshots.stored()!.values).toEqual({ ...GOOD, 'email.tls': 'implicit' })
  })

  it('publishes in spite of warnings', async () => {
    expect(await publish({})).toMatchObject({
      published: true,
      problems: [{ severity: 'warning' }],
    })
  })

  it('publishes a new version of a secret', async () => {
    const values = { ...GOOD, 'email.username': 'otp' }
    await publish(values, { 'email.password': 1 })
    expect(await publish(values, { 'email.password': 2 })).toMatchObject({
      version: 2,
      published: true,
    })
  })

  it('publishes a secret that was deleted and made anew, although it is version 1 again', async () => {
    const values = { ...GOOD, 'email.username': 'otp' }
    const made = (at: number) => {
      tree = { values, secrets: { 'email.password': 1 }, secretsMadeAt: { 'email.password': at } }
      return publishSettings(ports)
    }
    await made(5)
    expect(await made(5)).toMatchObject({ version: 1, published: false })
    expect(await made(6)).toMatchObject({ version: 2, published: true })
    expect(snapshots.stored()).toMatchObject({ secretsMadeAt: { 'email.password': 6 } })
  })

  it('writes nothing while nothing changes, except the time once an hour', async () => {
    await publish(GOOD)
    now += HOUR - 1
    await publish(GOOD)
    expect(snapshots.rev).toBe(1)
    now += 1
    await publish(GOOD)
    expect(snapshots.rev).toBe(2)
    expect(snapshots.stored()).toMatchObject({ version: 1, checkedAt: now })
  })

  it('never puts an older tree over a newer one', async () => {
    const newer = { ...GOOD, 'email.validtime': '300' }
    let overtaken = false
    ports.parameters.list = async () => {
      if (overtaken) return { values: newer, secrets: {} }
      overtaken = true
      await publishSettings(ports)
      return { values: GOOD, secrets: {} }
    }
    expect(await publishSettings(ports)).toMatchObject({ version: 1, published: false })
    expect(snapshots.stored()!.values).toEqual(newer)
  })

  it('gives up when others keep changing the snapshot', async () => {
    tree = { values: GOOD, secrets: {} }
    snapshots.save = async () => false
    await expect(publishSettings(ports)).rejects.toThrow('changed by others')
    expect(reports).toEqual([])
  })

  it('passes on that the parameters cannot be read, and leaves the snapshot alone', async () => {
    await publish(GOOD)
    ports.parameters.list = () => Promise.reject(new Error('throttled'))
    await expect(publishSettings(ports)).rejects.toThrow('throttled')
    expect(snapshots.rev).toBe(1)
  })
})
