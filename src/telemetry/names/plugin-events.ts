/** What `event` of `fairlead_plugin_events_total` may be for the plugins that come with the gateway. */
export interface PluginEvent {
  /** Beside `provider` and `event`. */
  readonly labels: readonly string[];
  readonly help: string;
  readonly act: string;
}

export const PLUGIN_EVENTS: Readonly<Record<string, PluginEvent>> = {
  'plugin.failures': {
    labels: ['code'],
    help: 'Calls into a plugin that failed, by reason code.',
    act: 'Alert on any. The log has the detail, and says when the plugin is not asked for a while.',
  },
  'jwks.loads': {
    labels: ['outcome'],
    help: 'Loads of the keys of an issuer: ok, failed.',
    act: 'Alert when only failed ones come: once the known keys are too old, tokens get 503.',
  },
  'oidc.logins': {
    labels: [],
    help: 'Logins that were completed.',
    act: 'Compare it with `oidc.login_problems`.',
  },
  'oidc.login_problems': {
    labels: ['code'],
    help: 'Logins that did not come about, by the code of the page.',
    act: 'Look the code up in [login](login.md#when-a-login-does-not-work).',
  },
  'oidc.refreshes': {
    labels: [],
    help: 'Refresh tokens sent to the provider.',
    act: 'Compare it with the lifetime of access tokens: each session refreshes once in that time.',
  },
};
