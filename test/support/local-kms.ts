import { jsonService } from '../../functions/adapters/json-call.ts'

/** KMS as the functions call it, at an endpoint of embedded parts. */
export const localKms = (endpoint: string) =>
  jsonService({
    service: 'kms',
    prefix: 'TrentService',
    version: '1.1',
    region: 'us-east-1',
    endpoint,
    credentials: () => ({ accessKeyId: 'local', secretAccessKey: 'local' }),
  })
