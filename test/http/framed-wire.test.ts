import { describe, expect, it } from 'vitest'
import { application } from '../../functions/http/application.ts'
import { refusal as linotpRefusal } from '../../functions/http/linotp/refused.ts'
import { answerLinotp } from '../../functions/http/linotp/wire.ts'
import { unusable } from '../../functions/http/privacyidea/refused.ts'
import { answer, notFound } from '../../functions/http/privacyidea/wire.ts'
import { httpClient } from '../support/http.ts'
import { createWorld } from '../support/world.ts'

const ours = unusable('a is wrong.')
const linotps = linotpRefusal(-311, 'a is wrong.')

/** What both wires say to a request whose handler throws this. */
async function told(error: Error) {
  const { ports, lines } = createWorld()
  const handle = async () => {
    throw error
  }
  const client = httpClient(
    application(
      ports,
      [
        (request) => answer([{ method: 'POST', path: '/x', handle }], ports, request),
        (request) => answerLinotp([{ method: 'POST', path: '/linotp/x', handle }], ports, request),
      ],
      notFound,
    ),
  )
  const said = async (path: string) => {
    const { status, json } = await client(path, { form: {} })
    return { status, ...json.result.error }
  }
  const failures = () => lines.filter(({ message }) => message === 'request failed').length
  return { privacyidea: await said('/x'), linotp: await said('/linotp/x'), failures: failures() }
}

const DOWN = {
  status: 503,
  message: 'The service cannot answer at the moment. Nothing was accepted; please try again.',
}

describe('a refusal in the words of one wire', () => {
  it('is told by that wire; by the other one it is a fault that is logged', async () => {
    expect(await told(ours)).toEqual({
      privacyidea: { status: 400, code: 905, message: 'ERR905: a is wrong.' },
      linotp: { ...DOWN, code: -311 },
      failures: 1,
    })
    expect(await told(linotps)).toEqual({
      privacyidea: { ...DOWN, code: -500 },
      linotp: { status: 200, code: -311, message: 'a is wrong.' },
      failures: 1,
    })
  })
})
