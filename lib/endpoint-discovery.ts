/**
 * Takes the place of `@aws-sdk/middleware-endpoint-discovery` in every bundle. The DynamoDB client
 * loads it and sends no command through it; with the cache behind it, it would add 8 kB.
 */
export const resolveEndpointDiscoveryConfig = <Input extends object>(input: Input) =>
  Object.assign(input, {
    endpointDiscoveryEnabled: async () => false,
    isClientEndpointDiscoveryEnabled: false,
  })

const nowhere = () => undefined

export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: nowhere,
  configFileSelector: nowhere,
  default: false,
}
