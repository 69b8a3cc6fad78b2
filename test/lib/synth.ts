import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import cdk from '../../cdk.json' with { type: 'json' }
import type { Deployment } from '../../lib/context.ts'
import { addOtpost } from '../../lib/otpost.ts'

/** The app without its bundles: what the templates say does not depend on them. */
export function testApp(): App {
  return new App({ context: { ...cdk.context, 'aws:cdk:bundling-stacks': [] } })
}

/**
 * Both templates of a deployment. With `validation` it throws when a check fails; without, it is
 * quick.
 */
export function synth(deployment: Partial<Deployment> = {}, { validation = false } = {}) {
  process.env.CDK_VALIDATION = String(validation)
  const app = testApp()
  const whole = { stage: 'dev', settingsCacheSeconds: 5, ...deployment }
  const stacks = addOtpost(app, whole, { validation })
  const data = Template.fromStack(stacks.data)
  const service = Template.fromStack(stacks.service)
  return { app, stacks, data, service }
}

export type Synthesized = ReturnType<typeof synth>
