import type { GatewayError } from '../core/errors.ts';
import { emptyNotes } from '../core/exchange-notes.ts';
import type { ExchangeNotes } from '../core/exchange-notes.ts';
import type { Refusal, RefusalReason } from '../core/refusal.ts';
import type { Found } from '../evaluate/decision.ts';
import type { Rule } from '../policy/snapshot/snapshot.ts';

/** What the stages note of one exchange for its record. */
export class Notes {
  readonly #noted: ExchangeNotes = emptyNotes();

  get all(): Readonly<ExchangeNotes> {
    return this.#noted;
  }

  rule({ route, path }: Pick<Rule, 'route' | 'path'>): void {
    this.#noted.route = route;
    this.#noted.path = path;
  }

  /** What the gates found out about the asker. */
  found({ identity, tenant }: Pick<Found, 'identity' | 'tenant'>): void {
    const noted = this.#noted;
    if (identity !== undefined) {
      noted.subject = identity.subject;
      noted.issuer = identity.issuer;
      noted.provider = identity.provider;
    }
    if (tenant === undefined) return;
    noted.tenant = tenant.id;
    noted.tier = tenant.tier;
  }

  /** Of a page of ours: the provider that it belongs to. */
  provider(name: string): void {
    this.#noted.provider = name;
  }

  service(name: string): void {
    this.#noted.service = name;
  }

  upstreamStatus(status: number): void {
    this.#noted.upstreamStatus = status;
  }

  retry(): void {
    this.#noted.retries += 1;
  }

  requestOctets(bytes: number): void {
    this.#noted.requestBytes += bytes;
  }

  refusal(refusal: Refusal): void {
    this.#noted.refusal = refusal;
  }

  /** A page of ours said no in its own words. */
  pageReason(reason: RefusalReason): void {
    this.#noted.pageReason = reason;
  }

  /** The first fault is the cause; what follows from it is not noted. */
  fault({ code, message }: GatewayError): void {
    this.#noted.fault ??= code;
    this.#noted.faultDetail ??= message;
  }
}
