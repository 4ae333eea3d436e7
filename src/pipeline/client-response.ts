import type { Clock } from '../core/clock.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Allowed } from '../evaluate/decision.ts';
import { firstField } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { ResponseReceiver } from '../forward/forward.ts';
import {
  clientInformationalFields,
  clientResponseFields,
  clientTrailers,
  optionalLoginFields,
  ruledFields,
  unruledFields,
} from '../respond/respond.ts';
import type { Exchange } from './exchange.ts';

/** RFC 9110 15.3.6: a 205 has no content either, but says so by its length. Node ends it over HTTP/2. */
const BODYLESS: ReadonlySet<number> = new Set([204, 205, 304]);

export interface ClientResponseParts {
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly allowed: Allowed;
  /** Hears of each chunk of a body, either way. */
  readonly onOctets: (bytes: number) => void;
}

/** The application's response on its way to the client: its fields as the client may see them, and our own. */
export class ClientResponse implements ResponseReceiver {
  readonly #parts: ClientResponseParts;

  constructor(parts: ClientResponseParts) {
    this.#parts = parts;
  }

  requestOctets(bytes: number): void {
    this.#parts.exchange.notes.requestOctets(bytes);
    this.#parts.onOctets(bytes);
  }

  retried(): void {
    this.#parts.exchange.notes.retry();
  }

  informational(status: number, headers: HeaderList): boolean {
    const { exchange, allowed } = this.#parts;
    const { responseFields } = allowed.match.rule;
    const fields = unruledFields(clientInformationalFields(headers), responseFields);
    return exchange.sink.informational(status, fields);
  }

  head(status: number, headers: HeaderList, isWhole: boolean): void {
    const { exchange } = this.#parts;
    exchange.notes.upstreamStatus(status);
    // The switch ends what `timeout.total` limits; a stream has its idle limit.
    if (status === 101) exchange.unlimitTotal();
    const length = contentLength(headers, status);
    const bodyless = exchange.request.method === 'HEAD' || BODYLESS.has(status);
    exchange.sink.head(status, this.#fields(status, headers), { length, bodyless, isWhole });
  }

  data(chunk: Uint8Array): boolean {
    this.#parts.onOctets(chunk.byteLength);
    return this.#parts.exchange.sink.data(chunk);
  }

  end(trailers: HeaderList): void {
    const { exchange, allowed } = this.#parts;
    exchange.sink.end(unruledFields(clientTrailers(trailers), allowed.match.rule.responseFields));
  }

  fail(error: GatewayError): void {
    this.#parts.exchange.fail(error);
  }

  #fields(status: number, upstream: HeaderList): HeaderList {
    const { exchange, clock, allowed } = this.#parts;
    const { match, identity, permit, responseFields } = allowed;
    const { rule } = match;
    const told = clientResponseFields(upstream, {
      status,
      receivedVersion: '1.1',
      hsts: exchange.hsts,
      rateLimitFields: permit.fields,
      nowMs: clock.now(),
    });
    // What follows is the gateway's own word: no rule of the policy takes it out.
    const headers = ruledFields(told, rule.responseFields, responseFields);
    const isOptional = rule.auth.kind === 'optional';
    const shared = isOptional ? optionalLoginFields(headers, identity) : headers;
    return exchange.ownFields.joinedTo(shared);
  }
}

/** The parser below has judged the field already; a 101 or 204 must not have one (RFC 9110 8.6). */
function contentLength(upstream: HeaderList, status: number): number | undefined {
  if (status === 204 || status === 101) return undefined;
  if (status === 205) return 0;
  const value = firstField(upstream, 'content-length');
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}
