const MENUS = { admin: ['config', 'users', 'tokens'], user: ['users', 'tokens'] } as const

export type SignedIn = {
  username: string
  role: 'admin' | 'user'
  realm: string
  rights: readonly string[]
  token: string
}

/** What `/auth` tells of a session: most of it is for the reference's own pages. */
export const authValue = ({ username, role, realm, rights, token }: SignedIn): object => ({
  admin_dashboard: false,
  audit_page_size: 10,
  auth: true,
  container_wizard: { enabled: false },
  default_container_type: 'generic',
  default_tokentype: 'email',
  deletion_confirmation: false,
  dialog_no_token: false,
  hide_buttons: false,
  hide_welcome: false,
  log_level: 20,
  logout_redirect_url: '',
  logout_time: 120,
  menus: MENUS[role],
  policy_template_url: '/static/policy-templates/',
  qr_image_android: null,
  qr_image_custom: null,
  qr_image_ios: null,
  realm,
  require_description: [],
  rights,
  role,
  rss_age: role === 'admin' ? 180 : 0,
  search_on_enter: false,
  show_node: '',
  show_seed: false,
  subscription_status: 0,
  subscription_status_push: 0,
  timeout_action: 'lockscreen',
  token,
  token_page_size: 15,
  token_rollover: {},
  token_wizard: false,
  token_wizard_2nd: false,
  user_details: false,
  user_page_size: 15,
  username,
})
