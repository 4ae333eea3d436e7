import * as openid from 'openid-client';
import { problem, shown } from './problems.ts';
import type { Problem } from './problems.ts';
import { summaryOf } from './provider.ts';

/** openid-client's words for what went wrong, where they decide which problem it is. */
const TIMESTAMP = 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED';
const NOT_REACHED = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT']);

/** What a request to the provider failed of. The detail names codes and claims, never a value. */
export function failureOf(thrown: unknown): Problem {
  if (thrown instanceof openid.ResponseBodyError) return refusedBody(thrown);
  if (thrown instanceof openid.WWWAuthenticateChallengeError) {
    return problem('client_rejected', `the provider answered ${thrown.status} with a challenge`);
  }
  if (thrown instanceof openid.ClientError) return clientError(thrown);
  // fetch rejects with a TypeError, our own wrapper with an Error of its own.
  return problem('provider_down', summaryOf(thrown));
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
