/**
 * Reasons that the plugins of this repository give. A plugin imports nothing of ours, so its codes stand
 * there as literals; a test compares them with this table, both ways.
 */
export const PLUGIN_REASONS: Readonly<Record<string, string>> = {
  'jwt.algorithm':
    'The token is signed with an algorithm that the policy does not allow; `reason_detail` has both.',
  'jwt.audience': 'The token is for another audience; `reason_detail` has both.',
  'jwt.binding': 'The token is bound to a key (`cnf`) and came as a plain bearer token.',
  'jwt.expired': 'The token has expired; `reason_detail` says how long ago.',
  'jwt.issuer': 'The token is of another issuer; `reason_detail` has both.',
  'jwt.key_ambiguous': 'Several keys of the issuer fit the token: the issuer should send `kid`.',
  'jwt.key_unknown':
    'The issuer publishes no key with the `kid` of the token: an old token, or new keys not published yet.',
  'jwt.keys_unavailable':
    'The keys of the issuer cannot be had, so the answer is 503: shown in the detail of `plugin.threw`. The log says why the load failed.',
  'jwt.malformed': 'The token is not a JWT as RFC 7519 has it; `reason_detail` says what is wrong.',
  'jwt.not_yet_valid':
    'The token is valid only later: compare the clocks of issuer and gateway, or raise `skew`.',
  'jwt.repeated': 'More than one bearer token in the request.',
  'jwt.signature': 'The signature is not by the key that the token names: forged, or damaged.',
  'jwt.subject': 'None of the claims of `subject` is a usable text in the token.',
  'jwt.too_large': 'The token is longer than is read; `reason_detail` has both lengths.',
  'jwt.too_old': 'The token was issued longer ago than `maxAge`.',
  'jwt.type':
    'The token is not an access token, by `typ` or its claims: an ID or logout token was sent.',
  'oidc.provider_down': 'The login provider does not answer, so no login can begin: 503.',
  'oidc.step_up': 'The session is too weak or too old for the route; a better login is offered.',
};
