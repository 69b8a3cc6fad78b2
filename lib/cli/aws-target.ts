import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import type { SSMClient } from '@aws-sdk/client-ssm'
import { ssmParameters } from '../../functions/adapters/ssm-parameters.ts'
import type { Reply } from '../../functions/core/operator/reply.ts'
import type { Published } from '../../functions/core/publish-settings.ts'
import { type AwsPlace, explained } from './aws-failure.ts'
import { CommandFailure } from './errors.ts'
import type { Target } from './target.ts'

export type AwsTargetOptions = { lambda: LambdaClient; ssm: SSMClient; place: AwsPlace }

/** The id of the access key that calls, for the audit: CloudTrail has it too. It is no secret. */
async function callerOf({ config }: LambdaClient): Promise<string | undefined> {
  try {
    return (await config.credentials()).accessKeyId
  } catch {
    // The call itself will say what is wrong with the credentials.
    return undefined
  }
}

/** A deployment behind AWS's APIs, or the local stack's stand-ins for them. */
export function awsTarget({ lambda, ssm, place }: AwsTargetOptions): Target {
  const { stage } = place
  const parameters = ssmParameters({ client: ssm, prefix: `/otpost/${stage}` })

  async function invoke(name: 'operator' | 'configure', event: object): Promise<unknown> {
    const command = new InvokeCommand({
      FunctionName: `otpost-${stage}-${name}`,
      Payload: JSON.stringify(event),
    })
    const { FunctionError, Payload } = await explained(place, () => lambda.send(command))
    if (FunctionError === undefined) return JSON.parse(Buffer.from(Payload ?? []).toString())
    const message = `The function otpost-${stage}-${name} failed; see its log /otpost/${stage}/${name}.`
    throw new CommandFailure(message, { code: 'unavailable' })
  }

  return {
    stage,
    invoke: async (command, args) =>
      (await invoke('operator', { command, args, caller: await callerOf(lambda) })) as Reply,
    configure: async () => (await invoke('configure', {})) as Published,
    parameters: {
      list: () => explained(place, () => parameters.list()),
      put: (name, value, secret) => explained(place, () => parameters.put(name, value, secret)),
      remove: (name) => explained(place, () => parameters.remove(name)),
    },
  }
}
