import middy from '@middy/core'
import { readSesEvent } from './adapters/ses-event.ts'
import { composeDeliveryEvents } from './compose.ts'
import { takeDeliveryEvent } from './core/delivery-event.ts'

const { ports, count } = composeDeliveryEvents()

/**
 * Takes what Amazon SES reports of our mails. What is none of that is passed over; a store that
 * fails has Lambda try again, and at last put the event aside.
 */
export const handler = middy(async (event: unknown): Promise<void> => {
  const report = readSesEvent(event)
  if (!report) return
  if (await takeDeliveryEvent(ports, report)) count(report)
})
