/** What was recorded of a real privacyIDEA server: requests, answers, mails, and the state after them. */
import { readFileSync } from 'node:fs'

export type RecordedRequest = {
  method: string
  url: string
  headers: Record<string, string>
  body?: string
}
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
export type RecordedAnswer = {
  status: number
  headers: Record<string, string>
  json?: Json
  text?: string
}
export type RecordedMail = {
  from: string
  to: string[]
  headers: Record<string, string>
  body: string
}
export type RecordedToken = {
  serial: string
  tokentype: string
  active: number
  revoked: number
  failcount: number
  maxfail: number
  count: number
  otplen: number
  rollout_state: string
  description: string
}
export type Step = {
  /** `scenario/step`; steps of one scenario share state. */
  name: string
  scenario: string
  /** What was in force, in the recording's words: policies, configuration and tokens. */
  setup: string[]
  request: RecordedRequest
  response: RecordedAnswer
  mail: RecordedMail[]
  state_after?: { tokens: RecordedToken[] }
}

type File = { setup: string[]; steps: (Omit<Step, 'setup' | 'scenario'> & { setup: number[] })[] }

/** Every recorded step, in order. */
export function readRecording(): Step[] {
  const url = new URL('./recorded/privacyidea.json', import.meta.url)
  const { setup, steps } = JSON.parse(readFileSync(url, 'utf8')) as File
  return steps.map((step) => ({
    ...step,
    scenario: step.name.split('/')[0]!,
    setup: step.setup.map((index) => setup[index]!),
  }))
}

/** Steps by scenario, both in order. */
export const scenariosOf = (steps: Step[]): Map<string, Step[]> =>
  Map.groupBy(steps, ({ scenario }) => scenario)
