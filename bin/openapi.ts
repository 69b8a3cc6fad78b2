/** Writes the OpenAPI document of `/v1` to test/openapi.json, the contract that reviews see. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format } from 'prettier'
import { v1Document } from '../functions/http/v1/admin-routes.ts'

const FILE = join(import.meta.dirname, '..', 'test', 'openapi.json')

await writeFile(
  FILE,
  await format(JSON.stringify(v1Document()), { parser: 'json', printWidth: 100 }),
)
