import type { OpeningFailure } from './lane-failure.ts';
import type { LaneLinks, LinksUser } from './lane-links.ts';
import type { LaneHost, LaneOptions } from './lane-options.ts';
import { OpeningWaits } from './opening-waits.ts';
import type { RequestStream } from './request-stream.ts';

export interface LaneOpeningParts {
  readonly links: LaneLinks;
  readonly host: LaneHost;
  readonly options: LaneOptions;
  readonly request: RequestStream;
  readonly fail: (failure: OpeningFailure) => void;
}

/**
 * The first part of a lane: the opening is sent when the links are attached and have credit, and then
 * answered by the far connector, or given back. The waits of both are in `OpeningWaits`.
 */
export class LaneOpening {
  readonly #parts: LaneOpeningParts;
  readonly #waits: OpeningWaits;
  #deliveryId = 0;
  #isSent = false;
  #hasComeBack = false;

  constructor(parts: LaneOpeningParts) {
    const { links, host, options, fail } = parts;
    this.#parts = parts;
    this.#waits = new OpeningWaits({
      host,
      options,
      isAttached: () => links.replyTo !== undefined,
      fail,
    });
  }

  get isSent(): boolean {
    return this.#isSent;
  }

  /** The router has not answered an attach or an opening that it should have answered. */
  get isRouterSilent(): boolean {
    return this.#isSent ? this.#waits.isRouterSilent : this.#parts.links.replyTo === undefined;
  }

  /** It has gone unanswered for `DEADLINES.laneLateMs`. */
  get isLate(): boolean {
    return this.#waits.isLate;
  }

  /** What lies beyond the router gave the opening back: another consumer, if there is one, may take it. */
  get hasComeBack(): boolean {
    return this.#hasComeBack;
  }

  /** Opens at once on links that carried a stream before, else as soon as they are attached. */
  start(lane: LinksUser): void {
    this.#deliveryId = this.#parts.links.take(lane);
    if (!this.#parts.links.canOpen) return this.#waits.awaitCredit();
    this.#send();
  }

  linksChanged(): void {
    if (!this.#isSent && this.#parts.links.canOpen) this.#send();
  }

  answered(): void {
    this.#waits.stop();
    this.#parts.request.answered();
    this.#parts.host.laneOpened();
  }

  /** It has an outcome, and no answer: it failed. */
  concluded(outcome: OpeningFailure): void {
    this.#hasComeBack = outcome === 'released' || outcome === 'modified';
    this.#parts.fail(outcome);
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.#waits.stop();
  }

  #send(): void {
    const { links, options, request } = this.#parts;
    const { routingKey, alpn } = options;
    this.#isSent = true;
    request.open(this.#deliveryId, { routingKey, replyTo: links.replyTo!, alpn });
    this.#waits.awaitAnswer();
  }
}
