/** Which text of a secret is in force. */
export type SecretVersion = {
  /** As Parameter Store counts: from 1 again when a secret is deleted and made anew. */
  readonly version: number
  /** When this version was made, Unix milliseconds; undefined in a snapshot of an older release. */
  readonly madeAt: number | undefined
}

/** Whether both are the same text, also when a secret of that name was made anew in between. */
export const sameVersion = (one: SecretVersion, other: SecretVersion): boolean =>
  one.version === other.version && one.madeAt === other.madeAt

/** Every secret by its whole name. */
export const secretVersions = (
  versions: Readonly<Record<string, number>>,
  madeAt: Readonly<Record<string, number>>,
): ReadonlyMap<string, SecretVersion> =>
  new Map(
    Object.entries(versions).map(([name, version]) => [name, { version, madeAt: madeAt[name] }]),
  )
