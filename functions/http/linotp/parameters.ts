import {
  contentType,
  type Lists,
  Parameters,
  readJson,
  readMultipart,
  readPairs,
  type Values,
} from '../parameters.ts'
import type { HttpRequest } from '../request.ts'

/** Where LinOTP takes a list. */
const LISTS: Lists = new Set(['serial[]'])

/**
 * Parameters as LinOTP reads them: a JSON body alone, or else the query before the form. Values are
 * decoded once.
 */
export async function readParameters(request: HttpRequest): Promise<Parameters> {
  const type = contentType(request)
  const { body, query } = request
  if (type.startsWith('application/json') && body.length > 0) {
    return new Parameters(readJson(body.toString()))
  }
  return new Parameters(new Map([...(await readForm(request, type)), ...readPairs(query, LISTS)]))
}

function readForm({ body, headers }: HttpRequest, type: string): Values | Promise<Values> {
  if (body.length === 0) return new Map()
  return type.startsWith('multipart/form-data')
    ? readMultipart(body, headers['content-type']!, LISTS)
    : readPairs(body.toString(), LISTS)
}
