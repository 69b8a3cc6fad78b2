/** Writes the mails as .html and .txt files to look at: `preview.ts [folder]`. */
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOCALES } from '../../functions/mail/locale.ts'
import { renderMail } from '../../functions/mail/render.ts'
import { MAIL_KINDS } from '../../functions/mail/sentences.ts'

const folder = process.argv[2] ?? join(tmpdir(), 'otpost-mail')
await mkdir(folder, { recursive: true })

const bare = {
  otp: '287082',
  validSeconds: 120,
  at: new Date(),
  newEmail: 'al********@n****.example',
}
const named = { ...bare, serial: 'EM1A2B3C4D', username: 'alice.cooper', app: 'Example GmbH' }
const long = { ...named, otp: '2870823591', app: 'Verwaltungsberufsgenossenschaft Süd & Söhne' }

for (const locale of LOCALES) {
  for (const kind of MAIL_KINDS)
    await write(`${kind}-${locale}`, renderMail(kind, named, { locale }))
  await write(`bare-${locale}`, renderMail('authentication', bare, { locale }))
}
await write('long-de', renderMail('authentication', long, { locale: 'de' }))
console.log(folder)

async function write(name: string, mail: { text: string; html?: string }): Promise<void> {
  await writeFile(join(folder, `${name}.html`), mail.html ?? '')
  await writeFile(join(folder, `${name}.txt`), mail.text)
}
