/** The CDK app: `npx cdk synth -c stage=dev`. */
import { App } from 'aws-cdk-lib'
import cdk from '../cdk.json' with { type: 'json' }
import { ContextError, readContext, refuseUnknownKeys } from '../lib/context.ts'
import { addOtpost } from '../lib/otpost.ts'

try {
  // The same feature flags whether the CDK command line or the local stack runs this file.
  const app = new App({ context: cdk.context })
  refuseUnknownKeys(Object.keys(app.node.getAllContext()))
  const deployment = readContext((key) => app.node.tryGetContext(key))
  addOtpost(app, deployment, { validation: process.env.CDK_VALIDATION !== 'false' })
} catch (error) {
  if (!(error instanceof ContextError)) throw error
  console.error(error.message)
  process.exit(1)
}
