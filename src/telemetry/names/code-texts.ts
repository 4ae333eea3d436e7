import type { FaultCode } from '../../core/errors.ts';
import type { RefusalCode } from '../../core/refusal.ts';

/** For whoever sent the request: on the page of the code, `/.fairlead/errors/<code>`. No key of the policy is in it. */
export interface CodeText {
  /** What it means, in one or two sentences. */
  readonly means: string;
  /** What to do, in one or two sentences. */
  readonly act: string;
}

const AGAIN = 'Try again in a minute. If it goes on, report it with the request id.';
const REPORT = 'Report it to the operator of this site, with the request id.';
const CHECK_FIRST =
  'If you were sending something, check whether it arrived before you send it again.';

/** What each code of a refusal or fault means, and what to do. docs/errors.md is made from it, too. */
export const CODE_TEXTS: Readonly<Record<RefusalCode | FaultCode, CodeText>> = {
  https_required: {
    means: 'This site answers over https only.',
    act: 'Use an address that begins with https.',
  },
  malformed_request: {
    means: 'The request breaks a rule of HTTP, so it was not passed on.',
    act: 'Check the client: its request line, its header fields and its chunks.',
  },
  ambiguous_framing: {
    means:
      'The length of the request body can be read in two ways. Such requests are never passed on.',
    act: 'Send either Content-Length or Transfer-Encoding, and each of them once.',
  },
  invalid_path: {
    means:
      'The path has a form that programs read in different ways, such as dots or encoded slashes.',
    act: 'Send the path in its plain form.',
  },
  invalid_host: {
    means: 'The request names no host, more than one, or none that is a host name.',
    act: 'Send one Host field with the name of the site.',
  },
  method_not_allowed: {
    means: 'The method of the request cannot be used at this address.',
    act: 'Use one of the methods in the Allow field of the answer.',
  },
  body_too_large: {
    means: 'The request body is larger than this address takes.',
    act: 'Send less, or send it in parts.',
  },
  target_too_long: {
    means: 'The address of the request is longer than 8192 octets.',
    act: 'Send long values in the body.',
  },
  expectation_failed: {
    means: 'The request expects something other than 100-continue.',
    act: 'Send the request without its Expect field.',
  },
  misdirected_request: {
    means: 'The connection was opened for another host than the request names.',
    act: 'Open a connection for this host. Browsers do so by themselves.',
  },
  upgrade_not_allowed: {
    means: 'A request that opens a WebSocket has a body.',
    act: 'Open the WebSocket without a body, and send after the answer.',
  },
  headers_too_large: {
    means: 'The header fields of the request are too large, or too many.',
    act: 'Delete the cookies of this site, or send fewer and shorter fields.',
  },
  sessions_too_large: {
    means:
      'This browser is signed in to so many things that the cookies for one more have no room.',
    act: 'Sign out of one of them first.',
  },
  coding_not_supported: {
    means: 'The request body has a transfer coding other than chunked.',
    act: 'Send the body chunked, or with Content-Length.',
  },
  version_not_supported: {
    means: 'The request uses a version of HTTP that is not served here.',
    act: 'Use HTTP/1.1 or HTTP/2.',
  },
  request_timeout: {
    means: 'The request did not arrive in time.',
    act: 'Check the connection, then try again.',
  },
  no_route: {
    means: 'Nothing is at this address.',
    act: 'Check the address for typing errors.',
  },
  authentication_required: {
    means: 'This address is for people and programs that say who they are.',
    act: 'Sign in. A program sends its credential with each request; WWW-Authenticate says which kind.',
  },
  step_up_required: {
    means: 'You are signed in, but this address needs a stronger or more recent sign-in.',
    act: 'Sign in again.',
  },
  credential_rejected: {
    means:
      'A credential was sent, and it is not accepted here: it may have expired, or be for another site.',
    act: 'Get a new credential, then try again.',
  },
  address_not_allowed: {
    means: 'This address takes clients of certain networks only, and yours is none of them.',
    act: 'Try again from another network, or ask the operator of this site, with the request id.',
  },
  websocket_not_allowed: {
    means: 'This address takes no WebSockets.',
    act: 'Use plain requests here.',
  },
  cross_site: {
    means: 'Another site made the browser send this request. It was stopped to protect you.',
    act: 'Open this site itself, and do it from there.',
  },
  forbidden: {
    means: 'You are known, and this account has no access here.',
    act: 'Use another account, or ask for access and send the request id.',
  },
  identity_header: {
    means: 'Something in your account cannot be passed on to the service.',
    act: REPORT,
  },
  provider_failed: {
    means: 'The service that checks who you are does not answer. Your account is fine.',
    act: AGAIN,
  },
  tenant_unknown: {
    means: 'Your account belongs to no organisation that is known here.',
    act: REPORT,
  },
  rate_limited: {
    means: 'Too many requests were sent in a short time. Nothing is broken, and nothing was lost.',
    act: 'Wait as long as Retry-After says, then try again. Trying sooner does not help.',
  },
  quota_exceeded: {
    means:
      'All requests of this hour, day or month are used up. Nothing is broken, and nothing was lost.',
    act: 'Wait as long as Retry-After says, which is until the next period begins, or ask the operator for a larger quota.',
  },
  concurrency_limited: {
    means: 'Too many requests are being answered at the same time.',
    act: 'Wait for some of them to end, then try again.',
  },
  too_many_connections: {
    means: 'You have as many connections open as you may.',
    act: 'Close one that is not in use, or use one for several requests, then try again.',
  },
  overloaded: {
    means: 'More is asked of this site than it can serve right now.',
    act: 'Try again after the time that Retry-After says.',
  },
  limit_unavailable: {
    means:
      'How much you may still send is not known right now, and nothing is let in without that.',
    act: AGAIN,
  },
  internal: { means: 'The gateway failed. It is not your doing.', act: REPORT },
  client_gone: {
    means: 'The client closed its connection before the answer.',
    act: 'Nothing: nobody was there to read an answer.',
  },
  client_body_malformed: {
    means: 'The request body is incomplete or breaks its own framing.',
    act: 'Send it again as a whole.',
  },
  client_body_too_large: {
    means: 'The request body is larger than this address takes.',
    act: 'Send less, or send it in parts.',
  },
  client_body_timeout: {
    means: 'The request body came too slowly.',
    act: 'Check the connection, then send it again.',
  },
  network_unavailable: {
    means: 'The network that leads to the service cannot be reached. Nothing was sent.',
    act: AGAIN,
  },
  service_unavailable: {
    means: 'The service is not there at the moment. Nothing was sent.',
    act: AGAIN,
  },
  routing_key_forbidden: {
    means: 'The network does not let the gateway reach the service. Nothing was sent.',
    act: REPORT,
  },
  upstream_connect_failed: {
    means: 'The service refused the connection. Nothing was sent.',
    act: AGAIN,
  },
  upstream_tls_failed: {
    means: 'No secure connection to the service could be made. Nothing was sent.',
    act: REPORT,
  },
  upstream_connect_timeout: {
    means: 'The service did not take the connection in time. Nothing was sent.',
    act: AGAIN,
  },
  upstream_reset: {
    means: 'The request was passed on, but the service ended the connection before it answered.',
    act: CHECK_FIRST,
  },
  upstream_response_timeout: {
    means: 'The request was passed on, but the service did not answer in time.',
    act: CHECK_FIRST,
  },
  upstream_idle_timeout: {
    means: 'The service stopped in the middle of its answer.',
    act: CHECK_FIRST,
  },
  upstream_protocol_error: {
    means: 'The service sent an answer that is not valid HTTP.',
    act: REPORT,
  },
  exchange_timeout: {
    means: 'The request and its answer together took longer than is allowed here.',
    act: CHECK_FIRST,
  },
  upstream_busy: {
    means: 'The service has as many requests as it takes. Nothing was sent.',
    act: AGAIN,
  },
  identity_ended: {
    means: 'The sign-in that allowed this request has ended.',
    act: 'Sign in again.',
  },
  draining: { means: 'The gateway is shutting down.', act: AGAIN },
};

/** Undefined: a code of a plugin, which has pages of its own. */
export function codeText(code: string): CodeText | undefined {
  return Object.hasOwn(CODE_TEXTS, code) ? CODE_TEXTS[code as keyof typeof CODE_TEXTS] : undefined;
}
