import type { Clock } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import type { Disposition, Transfer } from '../codec/codec.ts';
import type { LaneLinks, LinksUser } from './lane-links.ts';
import { OneTimer } from '../one-timer.ts';
import { type StreamOnWire, finishOnWire } from './stream-on-wire.ts';

/** An application that says more than this after our end is not waited for. */
const MOST_OCTETS = 64 * 1024;

/**
 * The last of a stream whose user is gone and wants it to end well: our half is ended, what still comes
 * is dropped, and the links are free when both sides have said so.
 */
export class LaneFarewell implements LinksUser {
  readonly #stream: StreamOnWire;
  readonly #timer: OneTimer;
  readonly #ended: (links: LaneLinks | undefined) => void;
  #dropped = 0;
  #isOver = false;

  constructor(stream: StreamOnWire, clock: Clock, ended: (links: LaneLinks | undefined) => void) {
    this.#stream = stream;
    this.#timer = new OneTimer(clock);
    this.#ended = ended;
  }

  start(): void {
    this.#timer.arm(DEADLINES.laneOutcomeMs, () => this.ended());
    this.#stream.links.handOver(this);
    this.#stream.request.finish();
    this.#drop();
  }

  linksChanged(): void {
    this.#stream.request.flowed();
  }

  transferred(transfer: Transfer, payload: Buffer): void {
    const result = this.#stream.response.transferred(transfer, payload);
    if (result === 'aborted') this.ended();
    else this.#drop();
  }

  requestDisposed({ state, settled }: Disposition): void {
    const { request } = this.#stream;
    request.disposed(state, settled === true);
    if (request.outcome !== undefined) this.#drop();
  }

  responseDisposed(disposition: Disposition): void {
    this.#stream.response.disposed(disposition);
  }

  ended(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer.disarm();
    finishOnWire(this.#stream, this.#ended);
  }

  forbidden(): void {
    this.ended();
  }

  #drop(): void {
    const { request, response } = this.#stream;
    for (let octets = response.take(); octets !== undefined; octets = response.take()) {
      this.#dropped += octets.length;
    }
    if (response.isDrained) response.accept();
    const hasFailed = request.outcome !== undefined && request.outcome !== 'accepted';
    const isDone = request.isAccepted && response.isAccepted;
    if (hasFailed || isDone || this.#dropped > MOST_OCTETS) this.ended();
  }
}
