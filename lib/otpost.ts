import { type App, Validations } from 'aws-cdk-lib'
import type { Deployment } from './context.ts'
import { DataStack } from './data-stack.ts'
import { NagChecks } from './nag-checks.ts'
import { ServiceStack } from './service-stack.ts'

export interface OtpostOptions {
  /**
   * Whether synthesis checks the templates against the AWS Solutions rules.
   *
   * @default true
   */
  readonly validation?: boolean
}

/** Puts the two stacks of one deployment into an app. */
export function addOtpost(app: App, deployment: Deployment, options: OtpostOptions = {}) {
  const { stage, region } = deployment
  const env = region ? { region, account: process.env.CDK_DEFAULT_ACCOUNT } : undefined
  const data = new DataStack(app, `otpost-${stage}-data`, { stage, env })
  const service = new ServiceStack(app, `otpost-${stage}`, { deployment, data, env })
  if (options.validation ?? true) Validations.of(app).addPlugins(new NagChecks(app))
  return { data, service }
}
