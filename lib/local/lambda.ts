/** Lambda's Invoke over the local functions. */
import { AwsError } from './aws-error.ts'
import type { RestReply, RestService } from './aws-endpoint.ts'
import { FunctionError } from './function-host.ts'
import type { FunctionHost } from './function-host.ts'

const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/

/** Functions are known by name or ARN. */
export function lambdaService(find: (name: string) => FunctionHost | undefined): RestService {
  return {
    route(method, path, body) {
      const name = method === 'POST' ? INVOCATIONS.exec(path)?.[1] : undefined
      if (!name) return undefined
      return { operation: 'Invoke', perform: () => invoke(find, decodeURIComponent(name), body) }
    },
  }
}

async function invoke(
  find: (name: string) => FunctionHost | undefined,
  name: string,
  body: Buffer,
): Promise<RestReply> {
  const host = find(name)
  if (!host) throw new AwsError('ResourceNotFoundException', `Function not found: ${name}`, {}, 404)
  const event: unknown = body.length > 0 ? JSON.parse(body.toString()) : {}
  try {
    return { headers: { 'x-amz-executed-version': '$LATEST' }, body: await host.invoke(event) }
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error
    return { headers: { 'x-amz-function-error': 'Unhandled' }, body: error.description }
  }
}
