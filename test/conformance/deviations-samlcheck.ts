/** `/validate/samlcheck`: gone from the recorded server, and still asked by plugins of older ones. */
import type { Deviation } from './deviations.ts'
import { PEOPLE, REALM, RESOLVER } from './people.ts'
import { all, challenged, having, type Patch, refused, rejected } from './patches.ts'
import type { Json } from './recording.ts'

const REASON =
  'Plugins of 3.13 and before ask this route, and it is answered as 3.13.3 answers it; the recorded development head has removed it (404).'

const saml = (steps: string[], ...patches: Patch[]): Deviation => ({
  steps: steps.map((step) => `15-saml-radius/saml-${step}`),
  reason: REASON,
  instead: all(...patches),
})

const out = (attributes: { [name: string]: Json }) =>
  having('result.value', { attributes, auth: false })

/** What is told of somebody where `ReturnSamlAttributesOnFail` is set. */
function attributesOf(name: string): { [name: string]: Json } {
  const { login, userid: _userid, ...profile } = PEOPLE.find(({ login }) => login === name)!
  const empty = { email: '', givenname: '', mobile: '', phone: '', surname: '' }
  const account = { username: login, userid: login, realm: REALM, resolver: RESOLVER }
  return { ...empty, ...profile, ...account }
}

const asked = challenged('PIEM0001', 'alice@fixed.example', 120)
const wrong = rejected({ message: 'wrong otp pin' })

export const SAMLCHECK: Deviation[] = [
  saml(['trigger-default', 'trigger-ReturnSamlAttributes'], asked, out({})),
  saml(['wrong-default', 'wrong-ReturnSamlAttributes'], wrong, out({})),
  saml(['ok-default', 'ok-ReturnSamlAttributes'], wrong, out({})),
  saml(['trigger-ReturnSamlAttributesOnFail'], asked, out(attributesOf('alice'))),
  saml(['wrong-ReturnSamlAttributesOnFail'], wrong, out(attributesOf('alice'))),
  saml(['ok-ReturnSamlAttributesOnFail'], wrong, out(attributesOf('alice'))),
  saml(['serial'], asked, having('result.value', false)),
  saml(
    ['no-token'],
    rejected({ message: 'The user has no tokens assigned' }),
    out(attributesOf('dave')),
  ),
  saml(['unknown-user'], refused(400, 904, 'ERR904: User <nobody@realm1> does not exist.')),
]
