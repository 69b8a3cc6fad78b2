/** What a provider reports of a mail after it has taken it. */
import type { Challenge } from './challenge.ts'
import type { DeliveryState } from './records/delivery-record.ts'

export type FateState = Extract<
  DeliveryState,
  'sent' | 'delayed' | 'delivered' | 'failed' | 'bounced' | 'complained'
>

/** What became of a mail, as far as it is known. */
export type MailFate = {
  state: FateState
  /** Of two reports, in whatever order they come, the higher one stands; see {@link rankOf}. */
  rank: number
  /** Unix time in milliseconds of what was reported. */
  at: number
}

/**
 * Which report says more. Reports come twice and in any order, so none is believed for being the
 * last one. A mail that was delivered and then bounced for good was lost behind the server that took
 * it; one that bounced for the moment and was delivered was answered by an automaton, such as a
 * vacation notice. Only who has a mail can complain of it.
 */
export function rankOf(state: FateState, permanent = false): number {
  if (state === 'bounced') return permanent ? 5 : 2
  return { sent: 0, delayed: 1, delivered: 3, failed: 4, complained: 6 }[state]
}

/** Whether a mail can still reach its mailbox, as far as it is known. */
export const isLost = (fate: MailFate | undefined): boolean =>
  fate?.state === 'bounced' || fate?.state === 'failed'

/** How a mail is doing, by what its provider said when it took it and since. */
export type MailState = Challenge['delivery'] | 'delivered' | 'delayed' | 'bounced'

/** For who waits for the mail: whoever complains of it has it. */
export function mailState({ delivery, fate }: Pick<Challenge, 'delivery' | 'fate'>): MailState {
  switch (fate?.state) {
    case undefined:
      return delivery
    case 'complained':
      return 'delivered'
    default:
      return fate!.state
  }
}
