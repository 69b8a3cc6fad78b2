import { ArnFormat, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { ENV } from '../functions/env.ts'
import { acknowledgeWildcard } from './acknowledge.ts'
import type { Network } from './context.ts'
import type { OtpostFunction } from './otpost-function.ts'

export interface ResolvingProps {
  /** The function that asks. */
  readonly resolve: OtpostFunction
  /**
   * Cognito user pools it may ask, by their ids.
   *
   * @default - none
   */
  readonly userPools?: readonly string[]
  /**
   * Where the LDAP servers are reached from. DynamoDB, Parameter Store, CloudWatch Logs and Cognito
   * must be reachable from there too.
   *
   * @default - the internet
   */
  readonly network?: Network
}

/** Directories of users that Otpost does not keep, and the one function that asks them. */
export class Resolving extends Construct {
  readonly #resolve: OtpostFunction

  constructor(scope: Construct, id: string, { resolve, userPools, network }: ResolvingProps) {
    super(scope, id)
    this.#resolve = resolve
    if (userPools?.length) this.#allowUserPools(userPools)
    if (network) this.#place(network)
  }

  /** Lets a function have users looked up. */
  grantAsk(fn: OtpostFunction): void {
    fn.addEnvironment(ENV.resolveFunction, this.#resolve.functionName)
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [this.#resolve.functionArn],
      }),
    )
  }

  /** Passwords need no grant: an app client takes them from anybody. */
  #allowUserPools(ids: readonly string[]): void {
    this.#resolve.addToRolePolicy(
      new PolicyStatement({
        actions: ['cognito-idp:AdminGetUser', 'cognito-idp:ListUsers'],
        resources: ids.map((resourceName) =>
          Stack.of(this).formatArn({
            service: 'cognito-idp',
            region: resourceName.split('_')[0],
            resource: 'userpool',
            resourceName,
            arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
          }),
        ),
      }),
    )
  }

  #place({ subnets, securityGroups }: Network): void {
    const fn = this.#resolve.node.defaultChild as CfnFunction
    fn.vpcConfig = { subnetIds: [...subnets], securityGroupIds: [...securityGroups] }
    this.#resolve.addToRolePolicy(
      new PolicyStatement({
        actions: [
          'ec2:CreateNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ],
        resources: ['*'],
      }),
    )
    acknowledgeWildcard(
      this.#resolve.role!,
      '*',
      "Lambda makes a function's network interfaces with its role, before they have a name.",
    )
  }
}
