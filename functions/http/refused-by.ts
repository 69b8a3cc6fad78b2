import { AccountBusyError } from '../core/change-account.ts'
import { ForbiddenError, MalformedRequestError } from './errors.ts'
import type { HttpRequest } from './request.ts'

/**
 * Notes for the audit why a request was refused: a word of ours, nothing of what was typed. Of what
 * a wire refuses by itself, the status says enough.
 */
export function noteRefusal(request: HttpRequest, error: unknown): void {
  if (error instanceof ForbiddenError) request.refusedBy = error.reason
  else if (error instanceof MalformedRequestError) request.refusedBy = 'malformed'
  else if (error instanceof AccountBusyError) request.refusedBy = 'busy'
}
