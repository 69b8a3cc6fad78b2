import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { composeOperator } from './compose.ts'
import { runCommand } from './core/operator/run-command.ts'

const ports = composeOperator()

/**
 * Commands of the operator. There is no URL: whoever AWS lets invoke this function is the operator,
 * so that a fresh deployment needs no account of Otpost's to make the first one.
 */
export const handler = middy((event: unknown, context: Context) =>
  runCommand(ports, event, context.awsRequestId),
)
