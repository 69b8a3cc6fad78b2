/**
 * The mailbox page. All content of a mail is hostile: it is only ever set as text, and its HTML is
 * shown in a frame that may run nothing.
 */
const byId = (id) => document.getElementById(id)
const PANELS = ['html', 'text', 'raw']
const REFRESH_TIMES_MS = 30_000

let mails = []
let selected
let panel = 'html'

const sameDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const otherDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** `now`, `3 min`, a time of today, or a day. */
function age(date) {
  const minutes = Math.floor((Date.now() - date) / 60_000)
  if (minutes < 1) return 'now'
  if (minutes < 60) return `${minutes} min`
  const isToday = new Date().toDateString() === date.toDateString()
  return (isToday ? sameDay : otherDay).format(date)
}

/** The code of a mail: the first run of six to eight digits that stands alone. */
function codeIn(text) {
  return /(?<![\w.-])\d{6,8}(?![\w-])/.exec(text)?.[0]
}

function element(name, className, text) {
  const created = document.createElement(name)
  created.className = className
  created.textContent = text
  return created
}

function listItem(mail) {
  const button = document.createElement('button')
  const date = new Date(mail.date)
  const time = element('time', '', age(date))
  time.dateTime = mail.date
  time.title = full.format(date)
  button.type = 'button'
  button.append(
    element('span', 'to', mail.to.join(', ')),
    time,
    element('span', 'title', mail.subject || '(no subject)'),
    element('span', 'snippet', mail.text.replaceAll(/\s+/g, ' ').slice(0, 120)),
  )
  if (mail.id === selected?.id) button.setAttribute('aria-current', 'true')
  button.addEventListener('click', () => open(mail))
  const item = document.createElement('li')
  item.append(button)
  return item
}

function showList() {
  byId('list').replaceChildren(...mails.map(listItem))
  byId('mails').hidden = mails.length === 0
  byId('empty').hidden = mails.length > 0
  byId('clear').hidden = mails.length === 0
  document.title = mails.length > 0 ? `(${mails.length}) Otpost mailbox` : 'Otpost mailbox'
}

function showMail(mail) {
  const code = codeIn(mail.text)
  byId('subject').textContent = mail.subject || '(no subject)'
  byId('from').textContent = mail.from
  byId('to').textContent = mail.to.join(', ')
  byId('date').textContent = full.format(new Date(mail.date))
  byId('date').dateTime = mail.date
  byId('digits').textContent = code ?? ''
  byId('code').hidden = code === undefined
  byId('text').textContent = mail.text
  byId('raw').textContent = mail.raw
  byId('tab-html').disabled = mail.html === null
  showPanel(mail.html === null && panel === 'html' ? 'text' : panel)
}

/** In a new frame: one that was hidden when it got its mail may never paint it. */
function showHtml() {
  const frame = byId('html').cloneNode()
  frame.srcdoc = selected.html ?? ''
  byId('html').replaceWith(frame)
}

function showPanel(shown) {
  if (shown === 'html') showHtml()
  for (const name of PANELS) {
    byId(name).hidden = name !== shown
    byId(`tab-${name}`).setAttribute('aria-selected', String(name === shown))
    byId(`tab-${name}`).tabIndex = name === shown ? 0 : -1
  }
}

function select(mail) {
  selected = mail
  if (mail) showMail(mail)
  showList()
}

function open(mail) {
  document.body.dataset.view = 'mail'
  select(mail)
  byId('list').querySelector('[aria-current]')?.focus()
}

/** Follows the newest mail unless an older one is being read. */
async function refresh() {
  const followed = mails[0]?.id
  mails = await (await fetch('/api/messages')).json()
  const kept = mails.find(({ id }) => id === selected?.id && id !== followed)
  if (mails.length === 0) document.body.dataset.view = 'list'
  const next = kept ?? mails[0]
  if (next?.id === selected?.id) showList()
  else select(next)
}

async function copy(button, text) {
  await navigator.clipboard.writeText(text)
  button.textContent = 'Copied'
  setTimeout(() => (button.textContent = 'Copy'), 1500)
}

function connect() {
  const changes = new EventSource('/api/messages/changes')
  const live = byId('live')
  changes.addEventListener('message', refresh)
  changes.addEventListener('open', () => {
    live.textContent = 'Live'
    live.dataset.on = ''
  })
  changes.addEventListener('error', () => {
    live.textContent = 'Reconnecting'
    delete live.dataset.on
  })
}

function moveInList(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  event.preventDefault()
  const next = mails[mails.findIndex(({ id }) => id === selected?.id) + step]
  if (next) open(next)
}

function moveInTabs(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  const usable = PANELS.filter((name) => !byId(`tab-${name}`).disabled)
  const next = step && usable[usable.indexOf(event.target.id.slice(4)) + step]
  if (next) byId(`tab-${next}`).click()
  if (next) byId(`tab-${next}`).focus()
}

for (const name of PANELS) {
  byId(`tab-${name}`).addEventListener('click', () => showPanel((panel = name)))
}
document.querySelector('.tabs').addEventListener('keydown', moveInTabs)
byId('list').addEventListener('keydown', moveInList)
byId('back').addEventListener('click', () => (document.body.dataset.view = 'list'))
byId('clear').addEventListener('click', () => fetch('/api/messages', { method: 'DELETE' }))
byId('copy').addEventListener('click', ({ target }) => copy(target, byId('digits').textContent))
byId('copy-command').addEventListener('click', ({ target }) =>
  copy(target, byId('command').textContent),
)
setInterval(showTimes, REFRESH_TIMES_MS)

function showTimes() {
  for (const time of byId('list').querySelectorAll('time')) {
    time.textContent = age(new Date(time.dateTime))
  }
}

const stack = await (await fetch('/api/stack')).json()
byId('command').textContent = `curl -d user=alice -d pass=1234 ${stack.api}/validate/check`
connect()
