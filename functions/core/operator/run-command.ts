import { AccountBusyError } from '../change-account.ts'
import { allowAddresses, listAddresses } from './addresses.ts'
import { addAdmin, listAdmins, removeAdmin, revokeAdminSessions } from './admins.ts'
import { createApiKey } from './api-keys.ts'
import { InvalidArgumentError } from './arguments.ts'
import { configState } from './config-state.ts'
import { doctor } from './doctor.ts'
import { importUsers } from './import-users.ts'
import { logCommand } from './log-command.ts'
import { testMailSenderCommand } from './mail-sender.ts'
import type { Command, OperatorPorts } from './ports.ts'
import { openManaged, sealManaged, testProviderCommand } from './providers.ts'
import { testResolverCommand } from './resolvers.ts'
import { explainPolicy } from './policies.ts'
import { exportAudit, listAudit, listDeliveries, verifyAudit } from './records.ts'
import { refused, type Reply, told } from './reply.ts'
import { seed } from './seed.ts'
import { deleteTemplate, listTemplates, putTemplate, showTemplate } from './templates.ts'
import * as tokens from './tokens.ts'
import * as address from './user-address.ts'
import { addUser, changeUser, listUsers, removeUser, showUser } from './users.ts'

/** Every command by name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  'admin.add': addAdmin,
  'admin.remove': removeAdmin,
  'admin.list': listAdmins,
  'admin.revoke_sessions': revokeAdminSessions,
  'user.add': addUser,
  'user.update': changeUser,
  'user.remove': removeUser,
  'user.show': showUser,
  'user.list': listUsers,
  'user.import': importUsers,
  'user.address.show': address.showAddress,
  'user.address.request': address.requestUserAddress,
  'user.address.set': address.placeUserAddress,
  'user.address.forget': address.forgetUserAddress,
  'user.address.restore': address.restoreUserAddress,
  'token.enrol': tokens.enrol,
  'token.list': tokens.listTokens,
  'token.enable': tokens.enable,
  'token.disable': tokens.disable,
  'token.reset': tokens.reset,
  'token.revoke': tokens.revokeToken,
  'token.delete': tokens.removeToken,
  'token.setpin': tokens.changePin,
  'address.list': listAddresses,
  'address.allow': allowAddresses,
  'apikey.create': createApiKey,
  'mailsender.test': testMailSenderCommand,
  'provider.test': testProviderCommand,
  'provider.seal': sealManaged,
  'provider.open': openManaged,
  'resolver.test': testResolverCommand,
  'config.state': configState,
  'policy.explain': explainPolicy,
  'template.put': putTemplate,
  'template.list': listTemplates,
  'template.show': showTemplate,
  'template.delete': deleteTemplate,
  'audit.list': listAudit,
  'audit.export': exportAudit,
  'audit.verify': verifyAudit,
  'deliveries.list': listDeliveries,
  doctor,
  seed,
}

/**
 * Does what an event of the form `{ command, args, caller? }` asks, on a deployment that has its keys.
 * Answers whatever the event is. Each command is audited; arguments never reach the log.
 *
 * @param requestId Lambda's, by which CloudTrail knows who made the call
 */
export async function runCommand(
  ports: OperatorPorts,
  event: unknown,
  requestId?: string,
): Promise<Reply> {
  const began = ports.now()
  const { command, args, caller } = (event ?? {}) as Record<'command' | 'args' | 'caller', unknown>
  if (typeof command !== 'string' || !Object.hasOwn(COMMANDS, command)) {
    const known = Object.keys(COMMANDS).join(', ')
    return refused('unknown_command', `There is no such command. Known: ${known}.`, 'command')
  }
  const reply = await run(ports, command, args)
  logCommand(ports, { command, caller, reply, began, requestId })
  return told(reply)
}

async function run(ports: OperatorPorts, command: string, args: unknown): Promise<Reply> {
  try {
    // `doctor` reports keys that cannot be made instead of failing over them.
    if (command !== 'doctor') await ports.ensureKeyring()
    return await COMMANDS[command]!(ports, args)
  } catch (error) {
    if (error instanceof InvalidArgumentError) {
      return refused('invalid_argument', error.message, error.parameter)
    }
    if (error instanceof AccountBusyError) {
      return refused('unavailable', 'Others keep changing this account; try again.')
    }
    ports.log('error', 'command failed', { command, error })
    return refused('unavailable', `The command failed (${nameOf(error)}); its log says more.`)
  }
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'unknown error')
