/** A small HTTP client for tests: one call, one answer, nothing hidden. */

export type Answer = {
  status: number
  headers: Headers
  text: string
  /** The body as JSON; undefined where it is none. */
  json: any
}

export type Form = Record<string, string>
export type HttpClient = {
  get(path: string, query?: Form, headers?: Form): Promise<Answer>
  /** As `application/x-www-form-urlencoded`. */
  post(path: string, form: Form, headers?: Form): Promise<Answer>
  /** As JSON. */
  json(method: string, path: string, body: unknown, headers?: Form): Promise<Answer>
  send(path: string, init?: RequestInit): Promise<Answer>
}

/** A client of the server at this address; `heard` gets every answer. */
export function httpClient(base: string, heard: (answer: Answer) => void = () => {}): HttpClient {
  const send = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(base + path, init)
    const text = await response.text()
    const { status, headers } = response
    const answer = { status, headers, text, json: parsed(text) }
    heard(answer)
    return answer
  }
  return {
    send,
    get: (path, query = {}, headers = {}) =>
      send(Object.keys(query).length > 0 ? `${path}?${new URLSearchParams(query)}` : path, {
        headers,
      }),
    post: (path, form, headers = {}) =>
      send(path, { method: 'POST', body: new URLSearchParams(form), headers }),
    json: (method, path, body, headers = {}) =>
      send(path, {
        method,
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
