import * as openid from 'openid-client';
import { shown } from 'fairlead/plugin/kit';
import { problem } from '../pages/problems.ts';
import type { Problem, ProblemCode } from '../pages/problems.ts';
import { faultIn, summaryOf } from './provider.ts';

/** openid-client's words for what went wrong, where they decide which problem it is. */
const TIMESTAMP = 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED';
const NOT_REACHED = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT']);

/** What a request to the provider failed of. The detail names codes and claims, never a value. */
export function failureOf(thrown: unknown): Problem {
  const fault = faultIn(thrown);
  if (fault !== undefined) return problem('provider_down', fault.message);
  if (thrown instanceof openid.ResponseBodyError) return refusedBody(thrown);
  if (thrown instanceof openid.WWWAuthenticateChallengeError) {
    return problem('client_rejected', `the provider answered ${thrown.status} with a challenge`);
  }
  if (thrown instanceof openid.ClientError) return clientError(thrown);
  // fetch rejects with a TypeError, our own wrapper with an Error of its own.
  return problem('provider_down', summaryOf(thrown));
}

/** Errors of an authorization response that say something else than no. */
const AUTHORIZATION_ERRORS: ReadonlyMap<string, ProblemCode> = new Map([
  // RFC 6749 4.1.2.1: a redirect cannot carry the statuses 500 and 503.
  ['server_error', 'provider_down'],
  ['temporarily_unavailable', 'provider_down'],
  // OpenID Connect Core Error Code unmet_authentication_requirements 1.0.
  ['unmet_authentication_requirements', 'assurance'],
]);

/** What the provider means that sent the browser back with an error. */
export function authorizationProblem(error: string, text: string | undefined): Problem {
  const detail = `the provider said ${shown(error)} ${shown(text)}`;
  return problem(AUTHORIZATION_ERRORS.get(error) ?? 'login_refused', detail);
}

/** What is wrong with an identity that the session service did not take; undefined: something else was thrown. */
export function malformedIdentity(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code } = thrown as { readonly code?: unknown };
  return code === 'malformed_identity' ? thrown.message : undefined;
}

function refusedBody({
  error,
  error_description: text,
  status,
}: openid.ResponseBodyError): Problem {
  const detail = `the provider answered ${status} ${shown(error)} ${shown(text)}`;
  if (status >= 500 || status === 429) return problem('provider_down', detail);
  if (/redirect[ _]?uri/i.test(`${error} ${text ?? ''}`)) {
    return problem('redirect_uri_mismatch', detail);
  }
  return problem(error === 'invalid_grant' ? 'code_refused' : 'client_rejected', detail);
}

function clientError(thrown: openid.ClientError): Problem {
  const { code = 'unknown', cause } = thrown;
  const claim = claimOf(cause);
  const detail = claim === undefined ? code : `${code} ${claim}`;
  if (NOT_REACHED.has(code)) return problem('provider_down', detail);
  if (cause instanceof Response) return statusProblem(cause);
  if (code === TIMESTAMP)
    return problem(claim === 'auth_time' ? 'assurance' : 'clock_skew', detail);
  if (thrown.code === undefined) return problem('provider_down', summaryOf(thrown));
  return problem('token_invalid', detail);
}

/** A status that the grant does not have, or a body that is no JSON. */
function statusProblem(response: Response): Problem {
  const detail = `the provider answered ${response.status}`;
  return problem(response.status >= 500 ? 'provider_down' : 'token_invalid', detail);
}

function claimOf(cause: unknown): string | undefined {
  const inner = (cause as { readonly cause?: { readonly claim?: unknown } } | undefined)?.cause;
  return typeof inner?.claim === 'string' ? inner.claim : undefined;
}
