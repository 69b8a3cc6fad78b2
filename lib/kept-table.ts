import { RemovalPolicy } from 'aws-cdk-lib'
import { BillingMode, TableEncryption, type TableProps } from 'aws-cdk-lib/aws-dynamodb'
import type { DataKey } from './data-key.ts'

/** A table that outlives its stack: restored to any second of the last weeks, and deleted by nobody. */
export const keptTable = ({ key }: DataKey) =>
  ({
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  }) satisfies Partial<TableProps>
