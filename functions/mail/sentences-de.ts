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
  token_enrolled: {
    subject: 'Ein neues Token für Ihr Benutzerkonto',
    heading: 'Ihr Benutzerkonto hat ein neues Token',
    headingFor: 'Ihr Benutzerkonto für {app} hat ein neues Token',
    account,
    body: 'Seit {date}, {time} UTC, kann das Token {serial} zur Anmeldung verwendet werden.',
    bodyTo: 'Seit {date}, {time} UTC, gehen Anmeldecodes des Tokens {serial} an {new_email}.',
    warning:
      'Wissen Sie davon nichts? Dann verschafft sich womöglich jemand anderes Zugang zu Ihrem ' +
      'Konto: Melden Sie es sofort dem Betreiber des Dienstes.',
    warningTo:
      'Wissen Sie davon nichts? Dann verschafft sich womöglich jemand anderes Zugang zu Ihrem ' +
      'Konto: Melden Sie es sofort hier: {contact}',
    quiet: 'Wenn Sie es erwartet haben, müssen Sie nichts tun.',
  },
  token_auto_enrolled: {
    subject: 'Ab jetzt melden Sie sich mit einem Code an',
    heading: 'Ab jetzt melden Sie sich mit einem Code an',
    headingFor: 'Ab jetzt melden Sie sich bei {app} mit einem Code an',
    account,
    body:
      'Am {date} um {time} UTC hat sich jemand mit Ihrem Passwort angemeldet. Ihr Konto hat dabei ' +
      'das Token {serial} bekommen: Zum Anmelden gehört nun auch ein Code, der Ihnen zugeschickt ' +
      'wird. Die PIN des Tokens ist dieses Passwort und bleibt es, auch wenn das Passwort ' +
      'geändert wird.',
    warning:
      'Waren Sie das nicht? Dann kennt jemand anderes Ihr Passwort: Ändern Sie es und melden Sie ' +
      'es sofort dem Betreiber des Dienstes.',
    warningTo:
      'Waren Sie das nicht? Dann kennt jemand anderes Ihr Passwort: Ändern Sie es und melden Sie ' +
      'es sofort hier: {contact}',
    quiet: 'Wenn Sie es waren, müssen Sie nichts tun.',
  },
  pin_set: {
    subject: 'Ihre PIN wurde geändert',
    heading: 'Ihre PIN wurde geändert',
    headingFor: 'Ihre PIN für {app} wurde geändert',
    account,
    body: 'Die PIN des Tokens {serial} wurde am {date} um {time} UTC geändert.',
    warning:
      'Wissen Sie davon nichts? Dann benutzt womöglich jemand anderes Ihr Konto: ' +
      'Melden Sie es sofort dem Betreiber des Dienstes.',
    warningTo:
      'Wissen Sie davon nichts? Dann benutzt womöglich jemand anderes Ihr Konto: ' +
      'Melden Sie es sofort hier: {contact}',
    quiet:
      'Wenn Sie es erwartet haben, müssen Sie nichts tun. Keine unserer E-Mails nennt eine PIN.',
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
