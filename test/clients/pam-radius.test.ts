/** A login by PAM: pam_radius asks FreeRADIUS, FreeRADIUS asks the service. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRET, SHELL, whyNoFreeradius } from './freeradius.ts'
import { type Pam, startPam, whyNoPamRadius } from './pam.ts'
import { type RadiusWorld, startRadiusWorld } from './radius-world.ts'

const why = whyNoFreeradius() ?? whyNoPamRadius()
const skipped = why === undefined ? '' : ` (skipped: ${why})`

describe.skipIf(why !== undefined)(`pam_radius as the page sets it up${skipped}`, () => {
  let all: RadiusWorld
  let pam: Pam
  beforeAll(async () => {
    all = await startRadiusWorld()
    pam = await startPam({ port: all.radius.port, secret: SECRET, from: SHELL })
  })
  afterAll(async () => {
    await pam?.stop()
    await all?.stop()
  })

  it('asks for the PIN, then for the mailed code, and lets in by both, once', async () => {
    const { user, email, pin } = await all.world.addUser('8471')
    let code = ''
    const mailed = async () => (code = await all.world.nextCode(email))
    expect(await pam.logIn(user, pin, mailed)).toEqual({
      letsIn: true,
      asked: expect.stringMatching(/Password: .*e-?mail/i),
    })
    expect((await pam.logIn(user, pin + code)).letsIn).toBe(false)
    expect(all.world.unreadMails(email)).toEqual([])
  })

  it('lets in by PIN and code in one', async () => {
    const { user, email, pin } = await all.world.addUser('8471')
    expect((await pam.logIn(user, pin)).letsIn).toBe(false)
    const code = await all.world.nextCode(email)
    expect((await pam.logIn(user, pin + code)).letsIn).toBe(true)
  })

  it('asks nothing more after a wrong PIN, and nobody is let in by a wrong code', async () => {
    const { user, email, pin } = await all.world.addUser('8471')
    const wrong = await pam.logIn(user, '8472', '000000')
    expect(wrong.letsIn).toBe(false)
    expect(wrong.asked).not.toMatch(/e-?mail/i)
    expect(all.world.unreadMails(email)).toEqual([])

    const mailed = async () => (await all.world.nextCode(email)).replace(/.$/, 'x')
    expect((await pam.logIn(user, pin, mailed)).letsIn).toBe(false)
  })
})
