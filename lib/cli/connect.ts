/** Finds the deployment that the options of a command line name. */
import { LambdaClient } from '@aws-sdk/client-lambda'
import { SSMClient } from '@aws-sdk/client-ssm'
import { awsTarget } from './aws-target.ts'
import { CommandFailure, UsageError } from './errors.ts'
import type { Target } from './target.ts'

export type TargetOptions = {
  stage: string
  region?: string | undefined
  profile?: string | undefined
}

export type Connect = (options: TargetOptions) => Promise<Target>

export const LOCAL_STAGE = 'local'
const STAGE = /^[a-z][a-z0-9-]{0,19}$/
const DEFAULT_MAIL_PORT = '8025'

/** A command may take as long as its function, and must not run twice for want of patience. */
const invoking = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 5000, requestTimeout: 70_000 },
}

/** The way to real deployments; `env` tells where the local stack listens. */
export const connectTo =
  (env: NodeJS.ProcessEnv): Connect =>
  async (options) => {
    const { stage, region, profile } = options
    if (!STAGE.test(stage)) {
      throw new UsageError(
        '--stage is a lower-case name such as prod: letters, digits and hyphens.',
      )
    }
    if (stage === LOCAL_STAGE) return connectLocally(env)
    const place = {
      ...(region === undefined ? {} : { region }),
      ...(profile === undefined ? {} : { profile }),
    }
    return awsTarget({
      lambda: new LambdaClient({ ...invoking, ...place }),
      ssm: new SSMClient(place),
      place: options,
    })
  }

type Description = { endpoint: string; region: string }

async function connectLocally(env: NodeJS.ProcessEnv): Promise<Target> {
  const { endpoint, region } = await describeStack(env.OTPOST_MAIL_PORT || DEFAULT_MAIL_PORT)
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const local = { endpoint, region, credentials }
  return awsTarget({
    lambda: new LambdaClient({ ...invoking, ...local }),
    ssm: new SSMClient(local),
    place: { stage: LOCAL_STAGE, region },
  })
}

async function describeStack(port: string): Promise<Description> {
  const url = `http://127.0.0.1:${port}/api/stack`
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
    const { endpoint, region } = (await response.json()) as Partial<Description>
    if (response.ok && endpoint && region) return { endpoint, region }
  } catch {
    // Whatever answers there, or nothing at all: it is not the local stack.
  }
  throw new CommandFailure(
    `The local stack is not running (nothing of it answers at 127.0.0.1:${port}): ` +
      'start it with `npm start`, or name a deployed stage with --stage.',
    { code: 'unavailable' },
  )
}
