import { refuse } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import { COOKIE_PREFIX } from '../../plugin/contract.ts';
import type { Cookie, Reason, RequestView } from '../../plugin/contract.ts';
import type { Provider } from '../../plugin/host/host.ts';
import { hasLogin } from '../../browser/login-url.ts';
import { LazyRequestView } from './request-view.ts';
import type { RequestViewParts } from './request-view.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** Which login a page load gets, where there are several. */
export type LoginChoice =
  /** Nothing to choose. */
  | { readonly kind: 'any' }
  | {
      readonly kind: 'chosen';
      readonly provider: Provider;
      /** The request without the hint, so that nobody comes back with it. */
      readonly view: LazyRequestView;
      /** When that login cannot begin: the person is asked again, and told why. */
      readonly fallback: (why: Reason) => Refusal;
    }
  | { readonly kind: 'ask'; readonly refusal: Refusal };

const HINT = 'idp';
/** No provider's name begins with a dot, so this is no session of one. */
const REMEMBERED = '.choice';
const REMEMBER_SECONDS = 180 * 86_400;
const NO_COOKIES: readonly Cookie[] = [];

/**
 * By `?idp=`, else as chosen before, else the person is asked; an empty hint asks again. Others than page
 * loads get every way. A hint is followed and not kept, since anybody can write one into a link.
 */
export function chooseLogin(
  passed: readonly Provider[],
  parts: RequestViewParts,
  view: LazyRequestView,
): LoginChoice {
  if (view.class !== 'navigation') return { kind: 'any' };
  const logins = passed.filter(hasLogin);
  if (logins.length < 2) return { kind: 'any' };
  const { path, kept, hints } = splitTarget(parts.request.target);
  const target = kept === '' ? path : `${path}?${kept}`;
  const chosen = (provider: Provider, own: LazyRequestView) =>
    ({
      kind: 'chosen',
      provider,
      view: own,
      fallback: (why: Reason) => asked(logins, target, { why, unavailable: provider.name }),
    }) as const;
  const hint = hints.length === 1 ? hints[0] : undefined;
  const hinted = named(logins, hint);
  if (hinted !== undefined) {
    const request = { ...parts.request, target };
    return chosen(hinted, new LazyRequestView({ ...parts, request }));
  }
  const remembered = hint === '' ? undefined : named(logins, rememberedBy(view));
  if (remembered !== undefined) return chosen(remembered, view);
  return { kind: 'ask', refusal: asked(logins, target) };
}

/** For the next time, once a person is logged in by one of several logins. */
export function rememberChoice(
  chosen: string,
  providers: readonly Provider[],
  view: RequestView,
): readonly Cookie[] {
  if (rememberedBy(view) === chosen) return NO_COOKIES;
  const logins = providers.filter(hasLogin);
  if (logins.length < 2 || named(logins, chosen) === undefined) return NO_COOKIES;
  return [{ name: REMEMBERED, value: chosen, maxAgeSeconds: REMEMBER_SECONDS }];
}

/** A person who logs out may want to log in with another provider. */
export function forgetChoice(view: RequestView): readonly Cookie[] {
  if (rememberedBy(view) === undefined) return NO_COOKIES;
  return [{ name: REMEMBERED, value: '', maxAgeSeconds: 0 }];
}

function rememberedBy(view: RequestView): string | undefined {
  return view.cookies.get(COOKIE_PREFIX + REMEMBERED);
}

function named(providers: readonly Provider[], name: string | undefined): Provider | undefined {
  return providers.find((provider) => provider.name === name);
}

/** The query as it came, less the hints. */
function splitTarget(target: string) {
  const mark = target.indexOf('?');
  if (mark === -1) return { path: target, kept: '', hints: [] };
  const parts = target.slice(mark + 1).split('&');
  const isHint = (part: string) => part.startsWith(`${HINT}=`);
  return {
    path: target.slice(0, mark),
    kept: parts.filter((part) => !isHint(part)).join('&'),
    hints: parts.filter(isHint).map((part) => part.slice(HINT.length + 1)),
  };
}

function asked(
  logins: readonly Provider[],
  target: string,
  failed?: { readonly why: Reason; readonly unavailable: string },
): Refusal {
  const joint = target.includes('?') ? '&' : '?';
  return refuse('authentication_required', {
    reason: failed?.why ?? namedReason('auth.choice'),
    headers: logins.flatMap(({ name }) => ['www-authenticate', `Fairlead realm="${name}"`]),
    logins: logins.map(({ name }) => ({
      provider: name,
      href: `${target}${joint}${HINT}=${name}`,
      ...(name === failed?.unavailable && { isUnavailable: true }),
    })),
  });
}
