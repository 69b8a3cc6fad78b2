import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { ENV } from '../functions/env.ts'
import type { DataKey } from './data-key.ts'
import { keptTable } from './kept-table.ts'
import type { OtpostFunction } from './otpost-function.ts'

export interface TokensTableProps {
  readonly stage: string
  readonly dataKey: DataKey
}

const ACCOUNTS = 'account/*'
const SERIALS = 'serial/*'
const ADMINS = 'admin/*'
/** Tries at the passwords of managed providers. */
const PROVIDERS = 'provider/*'
const SETTINGS = 'settings'
const KEYRING = 'keyring'
const TEMPLATES = 'template/*'
const EVERYTHING = [ACCOUNTS, SERIALS, ADMINS, PROVIDERS, SETTINGS, KEYRING, TEMPLATES]

/**
 * What must never be lost: accounts with their tokens and counters, admins, mail templates, the
 * settings snapshot and the keyring. Each grant names the kinds of item it reaches.
 */
export class TokensTable extends Construct {
  readonly table: Table
  readonly #dataKey: DataKey

  constructor(scope: Construct, id: string, { stage, dataKey }: TokensTableProps) {
    super(scope, id)
    this.#dataKey = dataKey
    this.table = new Table(this, 'Table', {
      tableName: `otpost-${stage}-tokens`,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      ...keptTable(dataKey),
    })
  }

  /**
   * Reads what a login needs, updates the counters of existing accounts, and notes the serial of a
   * token that its user adds while logging in. Adds the account of a user who is kept in another
   * directory, when there is something to count in it.
   */
  grantLogin(fn: OtpostFunction): void {
    this.#open(fn)
    this.#allow(fn, ['GetItem'], [ACCOUNTS, SERIALS, SETTINGS, KEYRING])
    this.#allow(fn, ['UpdateItem'], [ACCOUNTS, SERIALS])
    this.#allow(fn, ['PutItem'], [ACCOUNTS])
  }

  /** Learns when sessions of an administrator ended, and nothing else of them. */
  grantAdminSessions(fn: OtpostFunction): void {
    this.#addStatement(fn, ['GetItem'], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [ADMINS] },
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['pk', 'sessionsFrom'] },
      StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
    })
  }

  /** Reads the account that a mail goes to, and what the mail looks like. */
  grantDelivery(fn: OtpostFunction): void {
    this.#open(fn)
    this.#allow(fn, ['GetItem'], [ACCOUNTS, SETTINGS, KEYRING, TEMPLATES])
  }

  /** Finds the account of a token, and notes there that an address takes no mail. */
  grantReport(fn: OtpostFunction): void {
    this.#open(fn)
    this.#allow(fn, ['GetItem'], [ACCOUNTS, SERIALS, KEYRING])
    this.#allow(fn, ['UpdateItem'], [ACCOUNTS])
  }

  /** Reads everything, lists, and manages accounts, tokens and mail templates. */
  grantAdministration(fn: OtpostFunction): void {
    this.#open(fn)
    this.#allow(fn, ['GetItem'], EVERYTHING)
    // A sign-in counts its failures in the admin's own item.
    this.#allow(fn, ['PutItem'], [ACCOUNTS, SERIALS, ADMINS, PROVIDERS, TEMPLATES])
    this.#allow(fn, ['UpdateItem'], [ACCOUNTS, SERIALS])
    this.#allow(fn, ['DeleteItem'], [ACCOUNTS, SERIALS, TEMPLATES])
    // A scan has no leading key that a condition could look at.
    this.#addStatement(fn, ['Scan'])
  }

  /** Reads what to keep and how, and the key that seals it. */
  grantRecording(fn: OtpostFunction): void {
    this.#open(fn)
    this.#allow(fn, ['GetItem'], [SETTINGS, KEYRING])
  }

  /** Reads the settings snapshot and nothing else. */
  grantSettings(fn: OtpostFunction): void {
    this.#open(fn)
    this.#allow(fn, ['GetItem'], [SETTINGS])
  }

  /** Publishes the settings snapshot. */
  grantPublishing(fn: OtpostFunction): void {
    this.#open(fn)
    this.#allow(fn, ['GetItem', 'PutItem'], [SETTINGS])
  }

  /** Administration, and what only the operator may do: keys and removing admins. */
  grantOperation(fn: OtpostFunction): void {
    this.grantAdministration(fn)
    this.#allow(fn, ['UpdateItem'], [KEYRING])
    this.#allow(fn, ['DeleteItem'], [ADMINS])
  }

  #open(fn: OtpostFunction): void {
    fn.addEnvironment(ENV.tokensTable, this.table.tableName)
    this.#dataKey.grantTable(fn, this.table)
  }

  #allow(fn: OtpostFunction, actions: string[], keys: string[]): void {
    this.#addStatement(fn, actions, { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } })
  }

  #addStatement(fn: OtpostFunction, actions: string[], conditions?: Record<string, unknown>): void {
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [this.table.tableArn],
        conditions,
      }),
    )
  }
}
