/** The recorded steps with PINs and passwords that can be told from any other text. */
import type { Step } from './recording.ts'

/** In every PIN and password of {@link withSecrets}, and nowhere else. */
export const MARK = 'Qx7Geheim'

const mark = (typed: string) => (/^(?:[a-z]|\d{1,5}$)/.test(typed) ? MARK + typed : typed)

/** A field of a form, a query or JSON; an address that is typed as an answer is no secret. */
const FIELDS = [
  /(?<=(?:^|[?&])(?:pass|password|pin|otppin)=)(?!not-an-address)(?![^&]*%40)[^&]+/g,
  /(?<="(?:pass|password|pin|otppin)": ")[^"]+/g,
]

const inFields = (text: string) =>
  FIELDS.reduce((changed, field) => changed.replace(field, mark), text)

/** What whoever has this password types instead. */
export const secretPassword = (password: string) => mark(password)

/** A step in which PINs and passwords carry the mark. */
export function withSecrets(step: Step): Step {
  const { request } = step
  return {
    ...step,
    setup: step.setup.map((entry) =>
      inFields(entry).replace('pin=spass', `pin=${MARK}spass`).replace("'p%41n'", `'${MARK}p%41n'`),
    ),
    request: {
      ...request,
      url: inFields(request.url),
      ...(request.body === undefined ? {} : { body: inFields(request.body) }),
    },
  }
}
