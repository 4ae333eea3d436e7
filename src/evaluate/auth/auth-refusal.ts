import type { MutableHeaderList } from '../../core/header-list.ts';
import { refuse } from '../../core/refusal.ts';
import type { Refusal, RefusalReason } from '../../core/refusal.ts';
import type { AuthResult, Challenge, Reason, RequestView } from '../../plugin/contract.ts';
import type { UnclaimedCredential } from '../../plugin/contract.ts';
import { stepUpChallenge } from './requirements.ts';
import { setCookieField } from '../../browser/set-cookie.ts';
import { namedReason } from '../../telemetry/names/names.ts';

type Denial = Extract<AuthResult, { readonly kind: 'deny' }>;

/** A credential was there and is not accepted, or its holder may not come in. */
export function denied(provider: string, denial: Denial): Refusal {
  const reason = reasonOf(denial.reason);
  if (denial.status === 403) return refuse('forbidden', { reason, provider });
  const headers = challengeFields(denial.wwwAuthenticate ?? [], provider);
  return refuse('credential_rejected', { reason, provider, headers });
}

/** A credential was there and every provider left it to another: 401 with what each of them said. */
export function unclaimed(
  left: readonly (readonly [provider: string, UnclaimedCredential])[],
): Refusal {
  const [[first, { reason }]] = left as [(typeof left)[0]];
  const details = left.flatMap(
    ([
      provider,
      {
        reason: { detail },
      },
    ]) => (detail === undefined ? [] : [`${provider}: ${detail}`]),
  );
  const fields = left.flatMap(([, { wwwAuthenticate = [] }]) => wwwAuthenticate);
  return denied(first, {
    kind: 'deny',
    status: 401,
    reason: details.length === 0 ? reason : { ...reason, detail: details.join('; ') },
    wwwAuthenticate: fields,
  });
}

/** The identity has already expired: refused, whichever provider gave it. */
export function expired(provider: string): Refusal {
  const reason = namedReason('identity.expired', `${provider} gave an identity that has expired`);
  const headers = challengeFields([], provider);
  return refuse('credential_rejected', { reason, provider, headers });
}

/** The provider failed: 503, never a pass, since the gateway is closed by default. */
export function providerFailed(provider: string, reason: Reason): Refusal {
  const detail = [`provider ${provider}`, reason.detail].filter(Boolean).join(': ');
  return refuse('provider_failed', { reason: { code: reason.code, detail }, provider });
}

export interface ChallengeContext {
  /** Whose login begins; it names the realm where no plugin does. */
  readonly provider: string;
  readonly reason: Reason;
  /** Where a person can log in, for clients that follow no redirect. */
  readonly login: string | undefined;
  /** Somebody is logged in, and not as the route requires. */
  readonly isStepUp: boolean;
}

/**
 * No credential, or one that wants to be renewed: a page load is sent to the first login there is,
 * anything else gets 401 and every way to authenticate.
 */
export function challenged(
  view: RequestView,
  challenges: readonly Challenge[],
  { provider, reason, login, isStepUp }: ChallengeContext,
): Refusal {
  const redirect = challenges.find((each) => each.redirect !== undefined)?.redirect;
  const why = reasonOf(reason);
  const code = isStepUp ? 'step_up_required' : 'authentication_required';
  if (redirect !== undefined && view.class === 'navigation') {
    const headers: MutableHeaderList = ['location', redirect.location];
    for (const cookie of redirect.setCookies ?? []) {
      headers.push('set-cookie', setCookieField(cookie));
    }
    return refuse(code, { status: 302, headers, reason: why, provider });
  }
  const fields = challenges.flatMap((each) => each.wwwAuthenticate ?? []);
  const headers =
    isStepUp && fields.length === 0
      ? ['www-authenticate', stepUpChallenge(provider, view.route.requires)]
      : challengeFields(fields, provider);
  const members = login === undefined ? {} : { members: { login } };
  return refuse(code, { headers, reason: why, provider, ...members });
}

/** RFC 9110 15.5.2: a 401 has a challenge, so a provider that knows no scheme gets one of ours. */
function challengeFields(values: readonly string[], provider: string): MutableHeaderList {
  const given = values.length === 0 ? [`Fairlead realm="${provider}"`] : values;
  return given.flatMap((value) => ['www-authenticate', value]);
}

function reasonOf({ code, detail }: Reason): RefusalReason {
  return detail === undefined ? { code } : { code, detail };
}
