/** The deployment a command works on. */
import type { SsmParameters } from '../../functions/adapters/ssm-parameters.ts'
import type { Reply } from '../../functions/core/operator/reply.ts'
import type { Published } from '../../functions/core/publish-settings.ts'
import { CommandFailure } from './errors.ts'

export interface Target {
  readonly stage: string
  /** Runs one command of the operator's function. */
  invoke(command: string, args: object): Promise<Reply>
  /** Parameter Store below `/otpost/<stage>`. */
  readonly parameters: SsmParameters
  /** Has the parameters checked and published now. */
  configure(): Promise<Published>
}

/** Runs a command and returns its value. Throws CommandFailure with the function's words. */
export async function call<Value>(target: Target, command: string, args: object): Promise<Value> {
  const reply = await target.invoke(command, args)
  if (reply.ok) return reply.value as Value
  const { code, message, parameter } = reply.error
  throw new CommandFailure(message, { code, parameter })
}
