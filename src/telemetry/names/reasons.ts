import type { RefusalReason } from '../../core/refusal.ts';

/**
 * Why a request was refused, as `reason` of the access line has it, beside the refusal code. These are the
 * gateway's own; plugins bring others (`plugin-reasons.ts`). Codes never change; docs/errors.md is written
 * from this table (`npm run names`).
 */
export const REASONS = {
  // the request itself
  'http.connection_nominates': 'Connection names a field that it must not remove, such as Host.',
  'http.coding_in_1_0': 'An HTTP/1.0 request has a Transfer-Encoding.',
  'http.fields': 'More fields than `gateway.limits.headerCount`.',
  'http.host_count': 'No Host field, or more than one.',
  'http.host_syntax': 'Host is not a host name or address with a port.',
  'http.hpe_*':
    'The HTTP/1.1 parser cannot read the request; the rest of the code is the name of the fault in llhttp, and `reason_detail` has its words.',
  'http.invalid_length': 'Content-Length is not a number of at most 15 digits.',
  'http.length_and_coding': 'Content-Length and Transfer-Encoding in one request.',
  'http.look_alike_field':
    'A field name with `_` or `.` that an application could read as a protected one, such as `X_Forwarded_For`. Remove it at the client.',
  'http.server_name': 'Host is not the server name that the TLS connection was opened for.',
  'http.target_authority': 'An absolute request target names another host than Host.',
  'http.target_characters': 'The request target has a space, a control octet or one above ASCII.',
  'http.target_form': 'The request target is neither a path nor an http(s) address.',
  'http.target_scheme': 'An absolute request target names another scheme than the listener has.',
  'http.two_codings': 'More than one Transfer-Encoding.',
  'http.two_credentials': 'More than one Authorization field.',
  'http.two_lengths': 'More than one Content-Length.',
  'http2.authority': 'No :authority or Host, or it is not a host name or address with a port.',
  'http2.field': 'A field name or value that HTTP/2 forbids: upper case, Connection and the like.',
  'http2.host_count': 'More than one Host field.',
  'http2.host_differs': 'Host and :authority differ.',
  'http2.invalid_length': 'Content-Length is not a number of at most 15 digits.',
  'http2.no_data': 'Content-Length announces a body, and the stream ended with its head.',
  'http2.path': ':path is neither a path nor `*`.',
  'http2.protocol_without_connect': ':protocol on a method other than CONNECT.',
  'http2.pseudo_fields': ':method, :path or :scheme is missing, or :scheme is not https.',
  'http2.pseudo_order': 'A pseudo-field that is unknown, doubled or behind a usual field.',
  'http2.two_lengths': 'More than one Content-Length.',
  'path.invalid':
    'The path is not allowed; `reason_detail` says what is wrong ([paths](paths.md)).',
  // where it goes
  'route.none': 'No route has this host, or none of its paths matches; `reason_detail` says which.',
  'route.method':
    'The path has rules, and none of them takes this method; `reason_detail` has the ones that they take.',
  'endpoint.none': 'Nothing is at this path below `/.fairlead/`.',
  'endpoint.body': 'The body of a request to an own page is larger than that page reads.',
  'address.denied':
    'A `from.deny` of the gateway, the route or the path has the address of the client; `reason_detail` says which.',
  'address.not_allowed':
    'A `from.allow` of the gateway, the route or the path has not the address of the client; `reason_detail` says which.',
  // who it is
  'auth.choice': 'Several logins are possible and the person has not chosen one.',
  'auth.no_credential': 'No provider of the route found a credential in the request.',
  'auth.no_provider': 'The route needs all of a list of providers, and the list is empty: a bug.',
  'csrf.cross_site':
    'A request with a session that may change something, sent by another site: neither Origin nor Sec-Fetch-Site says that it came from this one.',
  'identity.expired': 'The provider gave an identity that has expired already: compare the clocks.',
  'session.none': 'Nobody is logged in, at a page that shows or ends a session.',
  'session.store': 'The session store failed; `reason_detail` has its words.',
  // what the policy requires
  'require.acr': 'The login is too weak for `require.acr`; `reason_detail` has both values.',
  'require.claims': 'A claim is not as `require.claims` wants it; `reason_detail` has both values.',
  'require.identity': 'A rule with `require` has no identity: a bug.',
  'policy.when': '`require.when` is false; `reason_detail` has the expression.',
  'policy.when_error':
    '`require.when` could not be judged, such as for a claim that is missing; `reason_detail` says why.',
  'policy.when_too_large':
    'What `require.when` would look at is too large: a list of more than 1000, a text of more than 8192 characters, or too many steps.',
  'require.max_age': 'The login is too old for `require.maxAge`; `reason_detail` has the ages.',
  'tenant.id_missing':
    '`tenants.id` gives no single text for this identity; `reason_detail` has the claim it names.',
  'limit.body': 'Content-Length is above `body` of the path; `reason_detail` has both.',
  'limit.exceeded':
    'A rate, a concurrency or a number of connections is used up; `reason_detail` has the name of the limit.',
  'overload.shed':
    'The gateway is overloaded, and the tier has a low `priority`; `reason_detail` has it, and the step of shedding.',
  'limit.store':
    'The store of shared limits is away, and the limit that `reason_detail` names has `whenDown: closed`.',
  // what the application would see
  'identity.control_character':
    'A claim that `headers` names holds a control character; `reason_detail` has the field.',
  'identity.list_element':
    'An element of a list cannot be written by `headers.lists`, such as one with a comma; `reason_detail` has the field.',
  'identity.space_at_end':
    'A claim that `headers` names begins or ends with a space, which is no part of a field; `reason_detail` has the field.',
  'identity.too_long':
    'A value that `headers` writes is over 8192 octets; `reason_detail` has the field.',
  // a plugin that could not answer: always 503
  'plugin.aborted': 'The client left while the plugin was at work.',
  'plugin.busy': '1000 calls into the plugin are unanswered: it hangs, or waits for a slow server.',
  'plugin.circuit_open':
    'The plugin failed several times in a row and is not asked for a while; the log has the failures.',
  'plugin.closed': 'The provider was closed by a reload or a shutdown while a request reached it.',
  'plugin.malformed_result':
    'The plugin gave what the contract does not know; `reason_detail` says what.',
  'plugin.not_created': 'The provider could not start; `reason_detail` and `/readyz` say why.',
  'plugin.starting': 'The provider has not started yet, such as before its metadata came.',
  'plugin.threw':
    'The plugin threw; `reason_detail` has the name, code and place. `jwt.keys_unavailable` there: the keys of the issuer cannot be had.',
  'plugin.timeout': 'The plugin did not answer within `timeout` of the provider.',
  'plugin.unknown': 'The route names a provider that is not there: a bug.',
  // fairlead explain and test only
  'explain.no_endpoint': 'In `fairlead explain` and `fairlead test`, providers have no pages.',
  'explain.rejected': 'A case of `fairlead test` says that the credential is rejected.',
} as const;

/** Codes that the gateway gives; `http.hpe_*` stands for one code for each fault of the parser. */
export type ReasonCode = Exclude<keyof typeof REASONS, `${string}*`> | `http.hpe_${string}`;

/** A reason with a code of the register: one that is not there does not compile. */
export function namedReason(code: ReasonCode, detail?: string): RefusalReason {
  return detail === undefined ? { code } : { code, detail };
}
