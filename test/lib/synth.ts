import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import cdk from '../../cdk.json' with { type: 'json' }
import type { Deployment } from '../../lib/context.ts'
import { addOtpost, type OtpostOptions } from '../../lib/otpost.ts'

/** The app without its bundles: what the templates say does not depend on them. */
export function testApp(): App {
  return new App({ context: { ...cdk.context, 'aws:cdk:bundling-stacks': [] } })
}

/** Both templates of a deployment. Throws when a check of the synthesis fails. */
export function synth(deployment: Partial<Deployment> = {}, options?: OtpostOptions) {
  const app = testApp()
  const whole = { stage: 'dev', settingsCacheSeconds: 5, ...deployment }
  const stacks = addOtpost(app, whole, { validation: false, ...options })
  const data = Template.fromStack(stacks.data)
  const service = Template.fromStack(stacks.service)
  return { app, stacks, data, service }
}

export type Synthesized = ReturnType<typeof synth>
