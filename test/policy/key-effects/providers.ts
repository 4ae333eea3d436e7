import type { Effects } from './effects.ts';

export const PROVIDERS: Effects = {
  'integration/plugin/third-party.test.ts': {
    '${form} loads installed plugins and asks them': 'providers.plugin',
  },
  'unit/plugin/host/call/call-guard.test.ts': {
    'no answer within the time of the provider is an error, and the call is aborted':
      'providers.timeout',
  },
  'integration/gateway/claims-of-tokens.test.ts': {
    'two issuers share a route, and each token goes to its own': 'providers.jwt.issuer',
  },
  'unit/plugins/jwt/rules.test.ts': {
    'of several audiences in the policy one is enough': 'providers.jwt.audience',
    'the audience can be another claim, as in access tokens of Cognito, which have no aud':
      'providers.jwt.audience.claim providers.jwt.audience.is',
    'the subject can be another claim, and the first that a token has is the one':
      'providers.jwt.subject.claim',
    'without a kid several keys that fit are ambiguous': 'providers.jwt.jwks.keys[].kty',
    'a key without alg serves the first algorithm that fits it, and no other (C2)':
      'providers.jwt.algorithms',
    'a typ that policy wants is wanted': 'providers.jwt.typ',
    'maxAge wants an iat, and not an old one': 'providers.jwt.maxAge',
    'the skew of the policy counts at both ends of a token': 'providers.jwt.skew',
  },
  'unit/plugins/jwt/keys.test.ts': {
    'loopback is refused unless the policy allows private addresses':
      'providers.jwt.jwks.allowPrivate',
    'keys come from a file where the policy names one, and from it anew when it changes':
      'providers.jwt.jwks.file',
    'keys come from the place that the policy names, by the authority that it names':
      'providers.jwt.jwks.url providers.jwt.jwks.ca',
  },
  'integration/oidc/login.test.ts': {
    'a person without a session is logged in and ends at the page that was wanted':
      'providers.oidc.issuer',
    'form_post: the provider posts, and the login cookie alone may come along':
      'providers.oidc.responseMode',
  },
  'integration/oidc/client.test.ts': {
    'the client proves itself by ${method}':
      'providers.oidc.client.id providers.oidc.client.secret providers.oidc.client.method',
    'the client proves itself by private_key_jwt with ${algorithm}, and no secret is anywhere':
      'providers.oidc.client.key providers.oidc.client.keyId',
    'with par: off nothing is pushed': 'providers.oidc.par',
    'prompt and login_hint reach the provider': 'providers.oidc.prompt',
  },
  'integration/oidc/mutual-tls.test.ts': {
    'the client proves itself by mutual TLS, trusts the named authority, and sends no secret':
      'providers.oidc.client.cert',
    'without ${key} a provider on this machine with an authority of its own is not believed':
      'providers.oidc.ca providers.oidc.allowPrivate',
  },
  'integration/oidc/kept-provider.test.ts': {
    'sessions and logins go on when the provider is not found after a reload, until it is':
      'providers.oidc.scopes',
  },
  'integration/oidc/gateway.test.ts': {
    'below a wildcard people log in at the hosts that are listed, and nowhere else':
      'providers.oidc.loginHosts',
  },
  'integration/oidc/authorization.test.ts': {
    'with forward: access-token the application gets the token, and not what the client sent':
      'providers.oidc.forward',
  },
  'integration/oidc/claims.test.ts': {
    'claims of userinfo stay as they were at the login': 'providers.oidc.userinfo',
  },
  'integration/oidc/logout.test.ts': {
    'a page of the application may be the end of a logout, and gets no state of ours':
      'providers.oidc.postLogout',
  },
  'integration/oidc/token-rules.test.ts': {
    'by an algorithm that the policy leaves out': 'providers.oidc.algorithms',
    'over for longer than the skew of the policy': 'providers.oidc.skew',
  },
};
