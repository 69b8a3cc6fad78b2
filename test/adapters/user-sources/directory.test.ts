import { beforeAll, describe } from 'vitest'
import { directoryUsers } from '../../../functions/core/directory-users.ts'
import { addUser, passwordHash } from '../../../functions/core/users.ts'
import { createWorld } from '../../support/world.ts'
import { ODD_NAME, passwordOf, userSourceSuite } from './user-source-suite.ts'

describe("Otpost's own directory", () => {
  const world = createWorld()

  beforeAll(async () => {
    const add = async (login: string, profile: object = {}) =>
      addUser(world.ports, 'demo', login, {
        ...profile,
        password: await passwordHash(world.ports, passwordOf(login)),
      })
    await add('alice', {
      email: 'alice@example.org',
      givenname: 'Alice',
      surname: 'Liddell',
      phone: '+49 30 1',
      mobile: '+49 170 1',
      locale: 'de',
    })
    await Promise.all(['bob', 'jörg', ODD_NAME].map((login) => add(login)))
  })

  userSourceSuite(() => directoryUsers({ ...world.ports, now: () => (later += 100_000) }, 'demo'))
})

/** Wrong passwords earn delays, which are not what this is about. */
let later = Date.now()
