import { firstField } from '../core/header-list.ts';
import type { RequestFacts } from '../core/message.ts';
import { originOf } from '../core/origin.ts';
import { pathTo } from '../core/own-path.ts';
import type { Requirements } from '../plugin/contract.ts';
import type { Provider } from '../plugin/host/host.ts';

/** The endpoint at which a provider begins a login on purpose, when it has one. */
const LOGIN = 'login';

export interface LoginUrlInput {
  readonly request: RequestFacts;
  readonly publicPort: number;
  /** Of the rule, as its plugins see it. */
  readonly requires: Requirements;
}

/**
 * Where a client that got a 401 can send its person: the login of the first provider that has one, and
 * back to the page that made the request. Undefined: nobody here logs people in.
 */
export function loginUrl(
  providers: readonly Provider[],
  { request, publicPort, requires }: LoginUrlInput,
): string | undefined {
  const provider = providers.find(hasLogin);
  if (provider === undefined) return undefined;
  const origin = originOf(request, publicPort);
  const url = `${origin}${pathTo(provider.name, LOGIN)}`;
  const page = pageOf(request, origin);
  const query = [
    ...(page === undefined ? [] : [`return_to=${encodeURIComponent(page)}`]),
    // As a page load would be sent there, or the login would be too weak and the next request in vain.
    ...(requires.acr === undefined ? [] : [`acr_values=${encodeURIComponent(requires.acr)}`]),
    ...(requires.maxAgeMs === undefined ? [] : [`max_age=${requires.maxAgeMs / 1000}`]),
  ];
  return query.length === 0 ? url : `${url}?${query.join('&')}`;
}

/** True for a provider that can begin a login by itself. */
export function hasLogin(provider: Provider): boolean {
  const endpoints = provider.endpoints();
  if ('kind' in endpoints) return false;
  return endpoints.some(({ method, path }) => method === 'GET' && path === LOGIN);
}

/** The path of the page that asks, as its browser tells; of this very origin only. */
function pageOf({ headers }: RequestFacts, origin: string): string | undefined {
  const referrer = URL.parse(firstField(headers, 'referer') ?? '');
  if (referrer?.origin !== origin) return undefined;
  return `${referrer.pathname}${referrer.search}`;
}
