/** Writes the mails as .html and .txt files to look at: `preview.ts [folder]`. */
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOCALES } from '../../functions/mail/locale.ts'
import { renderMail } from '../../functions/mail/render.ts'

const folder = process.argv[2] ?? join(tmpdir(), 'otpost-mail')
await mkdir(folder, { recursive: true })

const values = { otp: '287082', validSeconds: 120, at: new Date() }
const named = { ...values, username: 'alice.cooper', app: 'Example GmbH' }
const long = { ...named, otp: '287082359152', app: 'Verwaltungsberufsgenossenschaft Süd & Söhne' }

for (const locale of LOCALES) {
  await write(`${locale}`, renderMail({}, named, { locale }))
  await write(`${locale}-bare`, renderMail({}, values, { locale }))
}
await write('long', renderMail({}, long, { locale: 'de' }))
console.log(folder)

async function write(name: string, mail: { text: string; html?: string }): Promise<void> {
  await writeFile(join(folder, `${name}.html`), mail.html ?? '')
  await writeFile(join(folder, `${name}.txt`), mail.text)
}
