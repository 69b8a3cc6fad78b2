import { AccountBusyError } from '../core/change-account.ts'
import { SourceBusyError } from '../core/user-source.ts'
import { ForbiddenError, MalformedRequestError } from './errors.ts'
import type { HttpRequest } from './request.ts'

/**
 * Notes for the audit why a request was refused: a word of ours, nothing of what was typed. Of what
 * a wire refuses by itself, the status says enough.
 */
export function noteRefusal(request: HttpRequest, error: unknown): void {
  if (error instanceof ForbiddenError) request.refusedBy = error.reason
  else if (error instanceof MalformedRequestError) request.refusedBy = error.reason ?? 'malformed'
  else if (isBusy(error)) request.refusedBy = 'busy'
}

/** Whether nothing is broken, and the same request may do in a moment. */
export const isBusy = (error: unknown): boolean =>
  error instanceof AccountBusyError || error instanceof SourceBusyError
