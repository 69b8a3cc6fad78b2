import type { Send } from '../support/http.ts'

/** A multipart form with one file, and more fields. */
export function withFile(
  content: string | Buffer,
  fields: Record<string, string> = {},
): Required<Pick<Send, 'body' | 'headers' | 'method'>> {
  const boundary = '----otpost'
  const field = ([name, value]: [string, string]) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const file =
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="policy.cfg"\r\n` +
    'Content-Type: application/octet-stream\r\n\r\n'
  const body = Buffer.concat([
    Buffer.from(Object.entries(fields).map(field).join('') + file),
    Buffer.from(content),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  const type = `multipart/form-data; boundary=${boundary}`
  return { method: 'POST', body, headers: { 'content-type': type } }
}
