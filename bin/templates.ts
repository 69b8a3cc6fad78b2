/** Writes the page about mail templates from the code. */
import { writeFileSync } from 'node:fs'
import { templateGuide } from '../functions/mail/template-guide.ts'

writeFileSync(new URL('../.github/TEMPLATES.md', import.meta.url), templateGuide())
