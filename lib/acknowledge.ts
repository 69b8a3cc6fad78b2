import { Stack, Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** Accepts a cdk-nag finding on a construct and everything below it. */
export function acknowledge(scope: IConstruct, id: string, reason: string): void {
  Validations.of(scope).acknowledge({ id, reason })
}

/** Accepts one resource with a `*` in the grants of a role. */
export function acknowledgeWildcard(scope: IConstruct, arn: string, reason: string): void {
  acknowledge(
    scope,
    `AwsSolutions-IAM5[Resource::${flatten(Stack.of(scope).resolve(arn))}]`,
    reason,
  )
}

type Flattened = string | { 'Fn::Join': [string, (string | { Ref: string })[]] }

/** Writes an ARN the way cdk-nag names it: `arn:<AWS::Partition>:ses:…`. */
function flatten(arn: Flattened): string {
  if (typeof arn === 'string') return arn
  const [delimiter, parts] = arn['Fn::Join']
  return parts.map((part) => (typeof part === 'string' ? part : `<${part.Ref}>`)).join(delimiter)
}
