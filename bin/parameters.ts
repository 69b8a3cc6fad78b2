/** Writes the parameter reference from the schema. */
import { writeFileSync } from 'node:fs'
import { describeSettings } from '../functions/core/settings-reference.ts'

writeFileSync(new URL('../.github/PARAMETERS.md', import.meta.url), describeSettings())
