import type { Template } from 'aws-cdk-lib/assertions'
import type { Synthesized } from './synth.ts'

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
type Resource = { Type: string; Properties: Record<string, any> }

export type Statement = {
  actions: string[]
  resources: string[]
  conditions?: unknown
  /** Whether it forbids. */
  denied?: true
}

/** What the role of a function may do, in words that a person can check. */
export function grantsOf(synthesized: Synthesized, functionName: string): Statement[] {
  const { service } = synthesized
  const fn = all(service, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties.FunctionName === functionName,
  )!
  const role = fn.Properties.Role['Fn::GetAtt'][0]
  return all(service, 'AWS::IAM::Policy')
    .filter(({ Properties }) => Properties.Roles.some((ref: any) => ref.Ref === role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .map((statement) => readable(statement, synthesized))
}

/** Puts statements, their actions and resources into one order. */
export function sorted(statements: Statement[]): Statement[] {
  return statements
    .map((statement) => ({
      ...statement,
      actions: statement.actions.toSorted(),
      resources: statement.resources.toSorted(),
    }))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

/** All resources of a type. */
export function all(template: Template, type: string): Resource[] {
  return Object.values(template.findResources(type)) as Resource[]
}

function readable(statement: any, synthesized: Synthesized): Statement {
  const words = (value: Json) => [value].flat().map((one) => text(one, synthesized))
  return {
    actions: words(statement.Action),
    resources: words(statement.Resource),
    ...(statement.Effect === 'Deny' && { denied: true as const }),
    ...(statement.Condition && { conditions: plain(statement.Condition, synthesized) }),
  }
}

function plain(value: Json, synthesized: Synthesized): unknown {
  if (Array.isArray(value)) return value.map((one) => plain(one, synthesized))
  if (value === null || typeof value !== 'object') return value
  const [key] = Object.keys(value)
  if (key === 'Ref' || key?.startsWith('Fn::')) return text(value, synthesized)
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, plain(inner, synthesized)]),
  )
}

/** `otpost-dev-tokens.Arn` for an attribute, `otpost-dev-tokens` for a name. */
function text(value: any, synthesized: Synthesized): string {
  if (typeof value === 'string') return value
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join, 'Fn::ImportValue': name } = value
  if (ref?.startsWith('AWS::')) return `<${ref.slice(5)}>`
  if (ref) return physicalName(ref, synthesized)
  if (attribute) return `${physicalName(attribute[0], synthesized)}.${attribute[1]}`
  if (join) return join[1].map((part: Json) => text(part, synthesized)).join(join[0])
  if (name) return text(exported(name, synthesized), synthesized)
  throw new Error(`Cannot read ${JSON.stringify(value)}`)
}

function exported(name: string, { data }: Synthesized): Json {
  return Object.values(data.findOutputs('*')).find((output) => output.Export?.Name === name)!.Value
}

function physicalName(logicalId: string, { data, service }: Synthesized): string {
  const resources = { ...data.toJSON().Resources, ...service.toJSON().Resources }
  const { Type, Properties } = resources[logicalId] as Resource
  const { TableName, QueueName, LogGroupName, FunctionName } = Properties
  return TableName ?? QueueName ?? LogGroupName ?? FunctionName ?? Type
}
