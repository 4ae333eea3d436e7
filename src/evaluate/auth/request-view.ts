import type { RequestFacts } from '../../core/message.ts';
import { originOf } from '../../core/origin.ts';
import type { RequestView, Requirements } from '../../plugin/contract.ts';
import type { Rule, RuleRequirements } from '../../policy/snapshot/snapshot.ts';
import { readCookies } from '../../browser/cookies.ts';
import { HeaderView } from './header-view.ts';
import { requestClass } from '../../browser/request-class.ts';

export interface RequestViewParts {
  readonly exchangeId: string;
  readonly request: RequestFacts;
  readonly rule: Rule;
  /** The port clients see. */
  readonly publicPort: number;
}

/** What a plugin sees of a request. Each part is made when it is asked for, once. */
export class LazyRequestView implements RequestView {
  readonly id: string;
  readonly method: string;
  readonly #parts: RequestViewParts;
  #class: RequestView['class'] | undefined;
  #url: URL | undefined;
  #headers: Headers | undefined;
  #cookies: ReadonlyMap<string, string> | undefined;

  constructor(parts: RequestViewParts) {
    this.#parts = parts;
    this.id = parts.exchangeId;
    this.method = parts.request.method;
  }

  get class(): RequestView['class'] {
    this.#class ??= requestClass(this.#parts.request);
    return this.#class;
  }

  get host(): string {
    return this.#parts.request.host;
  }

  /** By the host as we read it and the port clients see, never by what a client claims of either. */
  get url(): URL {
    this.#url ??= this.#makeUrl();
    return this.#url;
  }

  get headers(): Headers {
    this.#headers ??= new HeaderView(this.#parts.request.headers);
    return this.#headers;
  }

  get cookies(): ReadonlyMap<string, string> {
    this.#cookies ??= readCookies(this.#parts.request.headers);
    return this.#cookies;
  }

  get client(): RequestView['client'] {
    return { ip: this.#parts.request.clientAddress };
  }

  get tls(): NonNullable<RequestView['tls']> {
    const { serverName, alpn } = this.#parts.request.connection.tls ?? {};
    return {
      ...(serverName !== undefined && { serverName }),
      ...(alpn !== undefined && { alpn }),
    };
  }

  get route(): RequestView['route'] {
    const { route, requires } = this.#parts.rule;
    return { name: route, requires: strengthWanted(requires) };
  }

  #makeUrl(): URL {
    const { publicPort, request } = this.#parts;
    // `OPTIONS *` has no path (RFC 9110 9.3.7).
    const target = request.target === '*' ? '' : request.target;
    return new URL(`${originOf(request, publicPort)}${target}`);
  }
}

const NO_REQUIREMENTS: Requirements = Object.freeze({});

/** What a login can do something about. Claims are judged by the core alone. */
function strengthWanted(requires: RuleRequirements | undefined): Requirements {
  if (requires === undefined) return NO_REQUIREMENTS;
  const { acr, maxAgeMs } = requires;
  return { ...(acr !== undefined && { acr }), ...(maxAgeMs !== undefined && { maxAgeMs }) };
}
