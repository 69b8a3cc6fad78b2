import {
  contentType,
  Parameters,
  readJson,
  readMultipart,
  readPairs,
  type Values,
} from '../parameters.ts'
import type { HttpRequest } from '../request.ts'

/** Plugins that encode their values once; all others are read as if they had encoded them twice. */
const ENCODES_ONCE = new Set(['privacyidea-cp', 'privacyidea-ldap-proxy', 'simplesamlphp'])

/**
 * Parameters as privacyIDEA reads them: JSON wins over the query, the query over the form, and
 * query and form values are percent-decoded a second time, which the Java client and FreeRADIUS
 * depend on.
 */
export async function readParameters(request: HttpRequest): Promise<Parameters> {
  const twice = !ENCODES_ONCE.has(product(request.headers['user-agent']))
  const type = contentType(request)
  const json = type.startsWith('application/json') && request.body.length > 0
  const values: Values = new Map([
    ...decoded(json ? new Map<string, unknown>() : await readForm(request, type), twice),
    ...decoded(readPairs(request.query), twice),
    ...(json ? readJson(request.body.toString()) : readPlain(request, type)),
  ])
  return new Parameters(values)
}

function readForm(request: HttpRequest, type: string): Values | Promise<Values> {
  if (request.body.length === 0 || type.startsWith('text/plain')) return new Map()
  return type.startsWith('multipart/form-data')
    ? readMultipart(request.body, request.headers['content-type']!)
    : readPairs(request.body.toString())
}

/** A `text/plain` body counts when it is a JSON object and is passed over when it is not. */
function readPlain(request: HttpRequest, type: string): Values {
  if (!type.startsWith('text/plain')) return new Map()
  try {
    return readJson(request.body.toString())
  } catch {
    return new Map()
  }
}

const product = (userAgent = '') => userAgent.split(/[\s/]/, 1)[0]!.toLowerCase()

const decoded = (values: Values, twice: boolean): Values =>
  twice
    ? new Map(
        [...values].map(([name, value]) => [
          name,
          typeof value === 'string' ? unquote(value) : value,
        ]),
      )
    : values

/** Percent-decoding that leaves alone what is not an escape and never throws; `+` stays `+`. */
const unquote = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString(),
  )
