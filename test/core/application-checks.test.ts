import { expect, it } from 'vitest'
import { checkApplications } from '../../functions/core/application-checks.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { authentication } from '../support/policies.ts'

const problemsOf = (members: object) => {
  const policies = authentication('otppin=none', { ...members }, 'my_policy')
  const { settings } = parseSettings({ ...policies, api_keys: 'vpn:0011223344556677:4000000000' })
  return checkApplications(settings)
}

it.each(['vpn', 'otpost:self-service', '*', '*, -vpn', '!vpn, *'])(
  'the application %s is known',
  (application) => {
    expect(problemsOf({ application })).toEqual([])
  },
)

it.each(['vpm', '*, -vpm', 'vpn, !vpm'])('whoever names %s is warned', (application) => {
  expect(problemsOf({ application })).toEqual([
    {
      name: 'policies/my_policy',
      reason: 'names applications without an API key: vpm',
      accepted: 'names of API keys, as apikey list shows them',
      severity: 'warning',
    },
  ])
})

it('nobody is warned of a policy that is off', () => {
  expect(problemsOf({ application: 'vpm', active: false })).toEqual([])
})
