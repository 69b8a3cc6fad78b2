/** `/linotp/system/…Policy`: policies in LinOTP's words. */
import { policyFromLinotp, inTheirWords, toLinotp } from '../../core/policy/linotp-policy.ts'
import { formatPolicyFile, readPolicyFile } from '../../core/policy/policy-file.ts'
import type { Policy } from '../../core/policy/policy.ts'
import { formatPolicy, storedName } from '../../core/policy/stored-policy.ts'
import { POLICIES } from '../../core/settings-schema.ts'
import type { AdminPorts } from '../privacyidea/admin-ports.ts'
import { textReply } from '../reply.ts'
import {
  linotpAdmin,
  type LinotpAdminCall,
  type LinotpAdminHandler,
  type LinotpAdminRoute,
} from './admin-route.ts'
import { edit } from './edit.ts'
import { value, xmlValue } from './envelope.ts'
import { refusal } from './refused.ts'

const set: LinotpAdminHandler = async (ports, call) => {
  const { caller, parameters, frame } = call
  caller.require('policywrite')
  const name = parameters.required('name')
  if (!/^[a-zA-Z0-9_]{1,64}$/.test(name)) {
    throw refusal(905, 'name is not a name. Accepted: 1 to 64 of a-z A-Z 0-9 _.')
  }
  const [action, scope, realm] = ['action', 'scope', 'realm'].map((each) =>
    parameters.required(each),
  )
  const more = ['user', 'client', 'time', 'active'].map((each) => [each, parameters.scalar(each)])
  const parsed = policyFromLinotp(name, { ...Object.fromEntries(more), action, scope, realm })
  if ('refused' in parsed) {
    const { member, reason, accepted } = parsed.refused
    throw refusal(905, `${member} ${reason}. Accepted: ${accepted}.`)
  }
  await change(ports, call, [parsed.policy])
  const stored = Object.keys(inTheirWords(parsed.policy)).map((each) => [each, true])
  return value({ [`setPolicy ${name}`]: Object.fromEntries(stored) }, {}, frame)
}

/** Replaces policies of these names. Refuses to take what LinOTP has no words for out of one. */
async function change(ports: AdminPorts, call: LinotpAdminCall, policies: readonly Policy[]) {
  const existing = call.caller.settings.policies
  const taken = (name: string) => existing.find((one) => storedName(one.name) === storedName(name))
  for (const { name } of policies) {
    const before = taken(name)
    if (!before) continue
    if (before.name !== name) throw refusal(905, `name ${name} is too like that of ${before.name}.`)
    const written = toLinotp(before)
    if ('lost' in written) {
      const how = 'change it by /policy, or delete it first'
      throw refusal(410, `The policy ${name} cannot be replaced here, as ${written.lost}; ${how}.`)
    }
  }
  const kept = existing.filter(({ name }) => !policies.some((one) => one.name === name))
  refuseLockout(call, [...kept, ...policies])
  await edit(
    ports,
    policies.map((policy) => ({
      name: POLICIES + storedName(policy.name),
      value: formatPolicy(policy),
    })),
  )
}

/** Whoever changes policies must be able to change them back, unless they insist. */
function refuseLockout({ caller, parameters }: LinotpAdminCall, after: readonly Policy[]) {
  if (parameters.flag('enforce') || caller.mayUnder(after, 'policywrite')) return
  throw refusal(
    -311,
    'Refused: with this change you could no longer write policies yourself. ' +
      'Make a policy of the scope system with action=write first, or repeat it with enforce=true.',
  )
}

const get: LinotpAdminHandler = async (_, { caller, parameters, frame }) => {
  caller.require('policyread')
  const { policies } = caller.settings
  if (parameters.flag('export')) {
    const { text, leftOut } = formatPolicyFile(policies, 'linotp')
    const lost = [...leftOut].map(([name, why]) => `# ${name} is left out: ${why}\n`)
    return textReply(200, lost.join('') + text, 'text/plain; charset=utf-8', {
      'content-disposition': 'attachment; filename=policy.cfg',
    })
  }
  const names = parameters.listed('name')
  const inactive = parameters.flag('display_inactive')
  const [scope, realm, action, user] = ['scope', 'realm', 'action', 'user'].map((each) =>
    parameters.named(each),
  )
  const found = policies
    .filter(
      ({ name, active }) => (names.length === 0 || names.includes(name)) && (active || inactive),
    )
    .map((policy) => [policy, inTheirWords(policy)] as const)
    .filter(
      ([policy, theirs]) =>
        (scope === undefined || theirs.scope === scope) &&
        (realm === undefined || isIn(theirs.realm, realm.toLowerCase())) &&
        (user === undefined || isIn(theirs.user, user)) &&
        (action === undefined || Object.hasOwn(policy.action, action)),
    )
  const told = found.map(([{ name }, theirs]) => [name, theirs])
  return value(Object.fromEntries(told), {}, frame)
}

const isIn = (list: string, wanted: string) =>
  list.split(', ').some((entry) => entry === '*' || entry === wanted)

const remove: LinotpAdminHandler = async (ports, call) => {
  const { caller, parameters, frame } = call
  caller.require('policydelete')
  parameters.required('name')
  const wanted = parameters.listed('name')
  const { policies } = caller.settings
  const gone = policies.filter(({ name }) => wanted.includes(name))
  if (gone.length > 0) {
    refuseLockout(
      call,
      policies.filter((policy) => !gone.includes(policy)),
    )
    const changes = gone.map(({ name }) => ({
      name: POLICIES + storedName(name),
      value: undefined,
    }))
    await edit(ports, changes)
  }
  const members = gone.flatMap((policy) =>
    Object.keys(inTheirWords(policy)).map((each) => [`linotp.Policy.${policy.name}.${each}`, true]),
  )
  return value({ delPolicy: { result: Object.fromEntries(members) } }, {}, frame)
}

const importFile: LinotpAdminHandler = async (ports, call) => {
  const { caller, parameters, frame } = call
  caller.require('policywrite')
  const text = await parameters.file('file')
  if (!text) throw refusal(905, 'Missing parameter: file')
  const reading = readPolicyFile(text)
  if ('refused' in reading) throw refusal(905, `The file ${reading.refused}.`)
  const { policies, problems } = reading.value
  if (problems.length > 0) {
    const why = problems.map(
      ({ name, refused: { member, reason } }) => `${name}: ${member} ${reason}`,
    )
    throw refusal(905, `Nothing was imported. ${why.join('; ')}.`)
  }
  await change(ports, call, policies)
  return xmlValue(policies.length, frame)
}

export const LINOTP_POLICY_ROUTES: LinotpAdminRoute[] = [
  linotpAdmin('POST', '/linotp/system/setPolicy', set),
  linotpAdmin('GET', '/linotp/system/getPolicy', get),
  linotpAdmin('POST', '/linotp/system/delPolicy', remove),
  linotpAdmin('POST', '/linotp/system/importPolicy', importFile),
]
