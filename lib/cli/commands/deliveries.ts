import type { deliveryView } from '../../../functions/core/records/record-view.ts'
import type { Command } from '../command.ts'
import { textOptions } from '../options.ts'
import { table } from '../text.ts'
import { moreHint, PAGE_OPTIONS } from './listing.ts'
import { ABOUT_OPTIONS, commonArguments, PERIOD_OPTIONS, readRecords } from './records.ts'

type Delivery = ReturnType<typeof deliveryView>

export const deliveries: Command = {
  path: ['deliveries', 'list'],
  about: 'Lists what became of each mail, newest first, in the words of the mail server.',
  options: {
    ...ABOUT_OPTIONS,
    provider: { value: '<name>', about: 'only what this one was to send' },
    state: { value: '<state>', about: 'only these: queued, sent, delivered, delayed, bounced, …' },
    ...PERIOD_OPTIONS,
    ...PAGE_OPTIONS,
  },
  notes: 'Without --user, --transaction or --from: those of the last 24 hours.',
  examples: [
    'npx otpost deliveries list --user alice --stage prod',
    'npx otpost deliveries list --state failed --from 7d --stage prod --json',
  ],
  async run(invocation) {
    const args = {
      ...commonArguments(invocation),
      ...textOptions(invocation.options, ['provider', 'state']),
    }
    const target = await invocation.target()
    const { items, next } = await readRecords<Delivery>(target, 'deliveries.list', args, invocation)
    return { value: { deliveries: items, next }, text: deliveryTable(items) + moreHint(next) }
  },
}

const deliveryTable = (items: readonly Delivery[]) =>
  table(
    ['TIME', 'STATE', 'USER', 'TRANSACTION', 'PROVIDER', 'SAYS'],
    items.map((one) => [
      one.at,
      one.state,
      one.user === undefined ? one.serial : `${one.user}@${one.realm}`,
      one.transaction_id,
      one.provider,
      saysOf(one),
    ]),
  )

/** The words of every server that was tried, the last one at the end. */
function saysOf({ attempts = [], failure, reply, reason }: Delivery): string {
  const words = [failure, reply ?? reason].filter((one) => one !== undefined).join(': ')
  const earlier = attempts.map(({ provider, reply }) => `${provider}: ${reply}`)
  return [...earlier.filter((one) => !words || !one.endsWith(words)), words].join('; ')
}
