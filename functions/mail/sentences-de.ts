import type { SentencesByKind } from './sentences.ts'

const account = 'Benutzerkonto: {username}'

export const de: SentencesByKind = {
  authentication: {
    subject: 'Ihr Einmalcode',
    heading: 'Ihr Anmeldecode',
    headingFor: 'Ihr Anmeldecode für {app}',
    account,
    body: 'Der Code ist {validtime} lang gültig und kann einmal verwendet werden.',
    warning:
      'Geben Sie ihn nur dort ein, wo Sie sich gerade anmelden. Niemand von uns wird Sie je ' +
      'danach fragen, weder am Telefon noch per E-Mail oder im Chat.',
    quiet:
      'Wenn Sie sich nicht gerade anmelden, ignorieren Sie diese E-Mail und geben Sie den ' +
      'Code nicht weiter. Falls es wieder vorkommt, melden Sie es bitte dem Betreiber des ' +
      'Dienstes.',
  },
  verification: {
    subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
    heading: 'Bestätigen Sie Ihre E-Mail-Adresse',
    headingFor: 'Bestätigen Sie Ihre E-Mail-Adresse für {app}',
    account,
    body: 'Der Code ist {validtime} lang gültig und kann einmal verwendet werden.',
    warning:
      'Geben Sie ihn auf der Seite ein, auf der Sie diese Adresse angegeben haben. Danach kommen ' +
      'Ihre Anmeldecodes hierher. Niemand von uns wird Sie je nach einem Code fragen.',
    quiet:
      'Wenn Sie diese Adresse nicht angegeben haben, ignorieren Sie diese E-Mail: ' +
      'Ohne den Code ändert sich nichts.',
  },
  address_changed: {
    subject: 'Ihre E-Mail-Adresse für Anmeldecodes wurde geändert',
    heading: 'Ihre E-Mail-Adresse wurde geändert',
    headingFor: 'Ihre E-Mail-Adresse für {app} wurde geändert',
    account,
    body:
      'Seit {date}, {time} UTC, gehen Ihre Anmeldecodes an {new_email}. ' +
      'Dieses Postfach erhält keine mehr.',
    warning:
      'Waren Sie das nicht? Dann benutzt womöglich jemand anderes Ihr Konto: ' +
      'Melden Sie es sofort dem Betreiber des Dienstes.',
    warningTo:
      'Waren Sie das nicht? Dann benutzt womöglich jemand anderes Ihr Konto: ' +
      'Melden Sie es sofort hier: {contact}',
    warningAt:
      'Waren Sie das nicht? Öffnen Sie bis {until} UTC {link} und geben Sie den Code ' +
      '{dispute_code} ein: Dann meldet sich niemand mehr mit Codes dieses Kontos an, ' +
      'bis der Betreiber es wiederhergestellt hat.',
    quiet: 'Wenn Sie die Adresse selbst geändert haben, müssen Sie nichts tun.',
  },
  test: {
    subject: 'Test-E-Mail von Otpost',
    heading: 'Dies ist eine Test-E-Mail',
    headingFor: 'Dies ist eine Test-E-Mail von {app}',
    account,
    body:
      'Der Mailserver hat diese Test-E-Mail von Otpost angenommen. ' +
      'Codes können auf demselben Weg verschickt werden.',
    warning: 'Sie enthält keinen Code.',
    quiet: 'Jemand, der den Dienst verwaltet, hat sie angefordert. Sie müssen nicht antworten.',
  },
}
