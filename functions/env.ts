/**
 * Names of the environment variables a construct sets and `compose.ts` reads: one list, so that a
 * grant and its wiring cannot drift apart.
 */
export const ENV = {
  stage: 'OTPOST_STAGE',
  tokensTable: 'OTPOST_TOKENS_TABLE',
  challengesTable: 'OTPOST_CHALLENGES_TABLE',
  deliverQueueUrl: 'OTPOST_DELIVER_QUEUE_URL',
  /** The queue of deliveries that were given up; only who inspects it has it. */
  deadLetterQueueUrl: 'OTPOST_DEAD_LETTER_QUEUE_URL',
  /** The function that sends mail; only who may have it send a test has its name. */
  deliverFunction: 'OTPOST_DELIVER_FUNCTION',
  /** The function that asks directories outside of Otpost; only who looks users up has its name. */
  resolveFunction: 'OTPOST_RESOLVE_FUNCTION',
  keyArn: 'OTPOST_KEY_ARN',
  /** Milliseconds a function may keep a settings snapshot before it reads the table again. */
  settingsCacheMs: 'OTPOST_SETTINGS_CACHE_MS',
  /** Name of the SES configuration set; unset where SES has none for us. */
  configurationSet: 'OTPOST_CONFIGURATION_SET',
  recordsTable: 'OTPOST_RECORDS_TABLE',
  /** Name servers that are asked about domains, separated by commas; unset: those of the system. */
  dnsServers: 'OTPOST_DNS_SERVERS',
} as const
