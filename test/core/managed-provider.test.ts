import { createHash, randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryProviderTries } from '../../functions/adapters/memory.ts'
import { managedHash } from '../../functions/core/managed-hash.ts'
import { managing, openProvider, providerGuard } from '../../functions/core/managed-provider.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const PASSWORD = 'kept by the mail team'
let time = 0
let tries = memoryProviderTries()
const guard = () =>
  providerGuard({
    keyring: { key: async (purpose) => createHash('sha256').update(purpose).digest() },
    random: randomBytes,
    now: () => time,
    providerTries: tries,
  })
beforeEach(() => {
  time = Date.UTC(2026, 10, 21)
  tries = memoryProviderTries()
})

async function office() {
  const reading = managedHash.read(await guard().seal(PASSWORD))
  if ('refused' in reading) throw new Error(reading.refused)
  return { managed: new Map([['office', reading.value]]) }
}
const open = async (settings: Awaited<ReturnType<typeof office>>, password?: string) =>
  'opened' in (await openProvider({ providerGuard: guard() }, settings, 'office', password))

describe('the password of a managed provider', () => {
  it('opens it, and no other one does', async () => {
    const settings = await office()
    expect(await open(settings, PASSWORD)).toBe(true)
    expect(await open(settings, `${PASSWORD} `)).toBe(false)
    expect(await open(settings, '')).toBe(false)
    expect(await open(settings)).toBe(false)
  })

  it('is stored so that two providers with the same one do not look alike', async () => {
    expect(await guard().seal(PASSWORD)).not.toBe(await guard().seal(PASSWORD))
  })

  it('is looked at five times, however many try at once', async () => {
    const settings = await office()
    await Promise.all(Array.from({ length: 30 }, (_, index) => open(settings, `wrong ${index}`)))
    expect(await tries.get('office')).toMatchObject({ failures: 5, rev: 5 })
    expect(await open(settings, PASSWORD)).toBe(false)
    time += 60_000
    expect(await open(settings, PASSWORD)).toBe(true)
    expect(await tries.get('office')).toMatchObject({ failures: 0 })
  })

  it('of a provider that is managed by none is the new one, if it is long enough', async () => {
    const ports = { providerGuard: guard() }
    const none = { managed: new Map() }
    expect(await managing(ports, none, 'office', 'seven77')).toMatchObject({
      problem: { name: 'managed', reason: 'has 7 characters' },
    })
    expect(await managing(ports, none, 'office', 'eight888')).toMatchObject({
      changes: [{ name: 'providers/office.managed' }],
    })
    expect(await managing(ports, await office(), 'office', PASSWORD)).toEqual({ changes: [] })
  })

  it('is not needed by an operator who says so, who may give a new one', async () => {
    const ports = { providerGuard: { ...guard(), overrides: true } }
    const settings = await office()
    expect(await openProvider(ports, settings, 'office', undefined)).toHaveProperty('opened')
    expect(await managing(ports, settings, 'office', 'another one')).toMatchObject({
      changes: [{ name: 'providers/office.managed' }],
    })
  })
})
