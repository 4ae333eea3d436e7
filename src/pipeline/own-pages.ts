import { providerFailed } from '../auth/auth-refusal.ts';
import { crossSite } from '../auth/cross-site.ts';
import { LazyEndpointRequest } from '../auth/endpoint-request.ts';
import { isSameOrigin } from '../auth/same-origin.ts';
import { setCookieField } from '../auth/set-cookie.ts';
import type { Clock } from '../core/clock.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Endpoint } from '../plugin/contract.ts';
import type { ReadAnswer } from '../plugin/endpoint-answer.ts';
import type { Provider } from '../plugin/provider.ts';
import { ownResponseFields } from '../respond/own-response.ts';
import { providersOfHost } from '../route/match.ts';
import type { OwnMatch } from '../route/match.ts';
import type { Exchange } from './exchange.ts';
import type { Generation } from './generation.ts';
import { readBody } from './read-body.ts';

/** A form with a few fields; an endpoint that wants more says so. */
const DEFAULT_BODY_BYTES = 64 * 1024;

export interface OwnPagesParts {
  readonly clock: Clock;
}

/** One request for a page of ours. */
export interface OwnRequest {
  readonly exchange: Exchange;
  readonly generation: Generation;
  readonly match: OwnMatch;
}

/**
 * Everything below `/.fairlead`: endpoints of the providers that the host's routes use. Never a
 * service's; what is not ours is 404.
 */
export class OwnPages {
  readonly #parts: OwnPagesParts;

  constructor(parts: OwnPagesParts) {
    this.#parts = parts;
  }

  /** Undefined: answered. Rejects when the request's body does not complete. */
  async serve(asked: OwnRequest): Promise<Refusal | undefined> {
    const { exchange } = asked;
    const { own } = asked.match;
    const provider = providerOf(asked);
    if (provider === undefined) return nothing(`${own.owner} is no provider of this host`);
    exchange.notes.provider = own.owner;
    const endpoint = endpointOf(provider, asked);
    if (isRefusal(endpoint)) return endpoint;
    const body = await readBody(exchange.request.body, endpoint.maxBodyBytes ?? DEFAULT_BODY_BYTES);
    if (isRefusal(body)) return body;
    const answer = await provider.serve(endpoint, viewOf(asked, body), () => exchange.signal);
    if ('kind' in answer) return providerFailed(own.owner, answer.reason);
    this.#send(exchange, answer);
    return undefined;
  }

  #send(exchange: Exchange, { status, headers, body, setCookies }: ReadAnswer): void {
    if (exchange.isAborted) return;
    const fields = ownResponseFields(headers, {
      hsts: exchange.hsts,
      nowMs: this.#parts.clock.now(),
      setCookies: setCookies.map(setCookieField),
    });
    const bodyless = status === 204 || status === 205 || status === 304;
    exchange.sink.head(status, fields, { length: body.byteLength, bodyless });
    if (body.byteLength > 0) exchange.sink.data(body);
    exchange.sink.end();
  }
}

function providerOf({ exchange, generation, match }: OwnRequest): Provider | undefined {
  const { own } = match;
  const { policy, request } = exchange;
  if (!providersOfHost(policy.routes, request.host).has(own.owner)) return undefined;
  return generation.providers.get(own.owner);
}

function endpointOf(provider: Provider, asked: OwnRequest): Endpoint | Refusal {
  const { request } = asked.exchange;
  const endpoints = provider.endpoints();
  if ('kind' in endpoints) return providerFailed(provider.name, endpoints.reason);
  const here = endpoints.filter(({ path }) => path === asked.match.own.rest);
  if (here.length === 0) return nothing(`${provider.name} has no endpoint ${asked.match.own.rest}`);
  const endpoint = here.find(({ method }) => method === request.method);
  if (endpoint === undefined) return notAllowed(here.map(({ method }) => method));
  if (endpoint.csrf === 'none' || isSameOrigin(request, asked.generation.publicPort)) {
    return endpoint;
  }
  return crossSite();
}

function viewOf({ exchange, generation, match }: OwnRequest, body: Uint8Array) {
  const { id: exchangeId, request } = exchange;
  const { publicPort } = generation;
  return new LazyEndpointRequest({ exchangeId, request, rule: match.rule, publicPort }, body);
}

function nothing(detail: string): Refusal {
  return refuse('no_route', { reason: { code: 'endpoint.none', detail } });
}

/** RFC 9110 15.5.6: a 405 says which methods there are. */
function notAllowed(methods: readonly string[]): Refusal {
  return refuse('method_not_allowed', { headers: ['allow', methods.join(', ')] });
}
