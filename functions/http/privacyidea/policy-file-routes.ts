/** `/policy/export`, `/policy/import` and `/policy/check`: all policies at once, and one question. */
import { matchingPolicies } from '../../core/policy/match.ts'
import { formatPolicyFile, readPolicyFile } from '../../core/policy/policy-file.ts'
import { toWire } from '../../core/policy/policy-wire.ts'
import { SCOPES } from '../../core/policy/policy.ts'
import { formatPolicy, storedName } from '../../core/policy/stored-policy.ts'
import { POLICIES } from '../../core/settings-schema.ts'
import { textReply } from '../reply.ts'
import { type AdminHandler, adminRoute, type AdminRoute, valueReply } from './admin-route.ts'
import { edit } from './edit.ts'
import { unknownName, unusable } from './refused.ts'

/** A file that {@link importFile} and the reference read. */
const exportFile: AdminHandler = async (_, { caller, path }) => {
  caller.require('policyread')
  const { text, leftOut } = formatPolicyFile(caller.settings.policies, 'privacyidea')
  const lost = [...leftOut].map(([name, why]) => `# ${name} is left out: ${why}\n`)
  const name = path.file!.replace(/[^\w.-]/g, '_')
  return textReply(200, lost.join('') + text, 'text/plain; charset=utf-8', {
    'content-disposition': `attachment; filename=${name}`,
  })
}

/** Every policy of the file, or none. */
const importFile: AdminHandler = async (ports, { caller, parameters, frame }) => {
  caller.require('policywrite')
  const text = await parameters.file('file')
  if (!text) throw unusable('file is empty or missing.')
  const reading = readPolicyFile(text)
  if ('refused' in reading) throw unusable(`file ${reading.refused}.`)
  const { policies, problems } = reading.value
  const [problem] = problems
  if (problem) {
    const { member, reason, accepted } = problem.refused
    throw unusable(`file: the ${member} of ${problem.name} ${reason}. Accepted: ${accepted}.`)
  }
  for (const { name } of policies) {
    const other = caller.settings.policies.find((one) => storedName(one.name) === storedName(name))
    if (other && other.name !== name) throw unusable(`name ${name} is too like ${other.name}.`)
  }
  await edit(
    ports,
    policies.map((policy) => ({
      name: POLICIES + storedName(policy.name),
      value: formatPolicy(policy),
    })),
  )
  return valueReply(policies.length, frame)
}

/** Whether a policy that matches somebody sets an action. */
const check: AdminHandler = async (ports, { caller, parameters, frame }) => {
  caller.require('policyread')
  const [user, realm, scopeName, action] = ['user', 'realm', 'scope', 'action'].map((name) =>
    parameters.required(name),
  ) as [string, string, string, string]
  const scope = SCOPES.find((one) => one === scopeName)
  if (!scope) throw unknownName('scope', scopeName)
  const found = matchingPolicies(caller.settings.policies, scope, {
    user,
    realm: realm.toLowerCase(),
    resolver: parameters.named('resolver'),
    client: parameters.named('client'),
    application: parameters.named('application'),
    now: ports.now(),
  }).filter((policy) => Object.hasOwn(policy.action, action))
  return found.length > 0
    ? valueReply({ allowed: true, policy: found.map(toWire) }, frame)
    : valueReply({ allowed: false, info: 'No policies found' }, frame)
}

export const POLICY_FILE_ROUTES: AdminRoute[] = [
  adminRoute('GET', '/policy/check', check),
  adminRoute('GET', '/policy/export/{file}', exportFile),
  adminRoute('POST', '/policy/import/{file}', importFile),
]
