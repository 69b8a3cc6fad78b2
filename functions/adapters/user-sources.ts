/** Which adapter asks which kind of directory. Each is loaded when it is asked first. */
import type { RemoteDirectory } from '../core/directory-kinds.ts'
import type { UserSource } from '../core/user-source.ts'

/** @param password of the resolver, where it has one */
export async function userSource(
  directory: RemoteDirectory,
  password?: string,
): Promise<UserSource> {
  switch (directory.type) {
    case 'ldap': {
      const { ldapUserSource } = await import('./ldap-user-source.ts')
      return ldapUserSource(directory, password)
    }
    case 'cognito': {
      const { cognitoUserSource } = await import('./cognito-user-source.ts')
      return cognitoUserSource(directory, await cognitoClient(directory.region, directory.timeout))
    }
  }
}

const clients = new Map<string, unknown>()

/** One per region and timeout, so that connections stay open. */
async function cognitoClient(region: string, timeout: number) {
  const { CognitoIdentityProviderClient } =
    await import('@aws-sdk/client-cognito-identity-provider')
  const key = `${region} ${timeout}`
  const known = clients.get(key) as InstanceType<typeof CognitoIdentityProviderClient> | undefined
  const requestTimeout = timeout * 1000
  const client =
    known ??
    new CognitoIdentityProviderClient({
      region,
      // a password that is sent twice would count twice
      maxAttempts: 1,
      requestHandler: { connectionTimeout: 1000, requestTimeout, throwOnRequestTimeout: true },
    })
  clients.set(key, client)
  return client
}
