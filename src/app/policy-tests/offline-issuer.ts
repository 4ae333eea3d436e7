import type { PluginFetch } from '../../upstream/plugin-fetch.ts';

const DISCOVERY =
  /^(https?:\/\/.*)\/\.well-known\/(openid-configuration|oauth-authorization-server)$/;
const KEYS = /\/made-up-keys$/;

/**
 * A `fetch` for plugins that reaches no network, so that tests of a policy run anywhere and alike: every issuer has
 * metadata (OpenID Connect Discovery 1.0, section 3) that leads a login to `<issuer>/authorize`, and no keys.
 * Any other address cannot be reached.
 */
export const offlineFetch: PluginFetch = (input) => {
  const url = String(input);
  const issuer = DISCOVERY.exec(url)?.[1];
  if (issuer !== undefined) return Promise.resolve(Response.json(metadataOf(issuer)));
  if (KEYS.test(url)) return Promise.resolve(Response.json({ keys: [] }));
  return Promise.reject(new TypeError(`tests of a policy reach no network: ${url}`));
};

function metadataOf(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/made-up-keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'ES256'],
    code_challenge_methods_supported: ['S256'],
  };
}
