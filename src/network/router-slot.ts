import type { TLSSocket } from 'node:tls';
import type { Clock, Timer } from '../core/clock.ts';
import { DEADLINES } from '../core/deadlines.ts';
import type { NetworkPolicy, RouterLink } from '../policy/snapshot/snapshot.ts';
import { AmqpConnection } from './amqp/connection/connection.ts';
import type { RouterIdentity } from './amqp/connection/router-identity.ts';
import type { RouterConnectionStatus } from './skupper-network.ts';
import { connectSecurely, preparedForFrames } from './secure-socket.ts';

export interface RouterSlotOptions {
  readonly link: RouterLink;
  readonly policy: NetworkPolicy;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: (message: string) => void;
  /** Unique among slots and processes; a counter is added for each connection. */
  readonly containerId: string;
  readonly version: string;
  /** Routing keys to watch, asked for at each connection; undefined: none. */
  readonly routingKeys: () => ReadonlySet<string> | undefined;
  /** The connection's router may stand still. */
  readonly onDoubt: () => void;
  /** The connection's last lane has ended. */
  readonly onIdle: () => void;
  /** The slot's state changed. */
  readonly onChange: () => void;
}

type State = RouterConnectionStatus['state'];

/** One place for a connection to one router: connects, and connects again, for ever. */
export class RouterSlot {
  readonly #options: RouterSlotOptions;
  #state: State = 'closed';
  #socket: TLSSocket | undefined;
  #connection: AmqpConnection | undefined;
  #router: RouterIdentity | undefined;
  #timer: Timer | undefined;
  #lastError: string | undefined;
  /** Failures since a connection that lasted. */
  #failures = 0;
  #openedAtMs = 0;
  #generation = 0;
  #isClosing = false;
  #whenSocketClosed: Promise<void> = Promise.resolve();

  constructor(options: RouterSlotOptions) {
    this.#options = options;
  }

  /** The connection, while it is open. */
  get connection(): AmqpConnection | undefined {
    return this.#state === 'open' ? this.#connection : undefined;
  }

  /** Container id of the router, while the connection is open. */
  get routerId(): string {
    return this.#router?.id ?? '';
  }

  get status(): RouterConnectionStatus {
    const { link } = this.#options;
    return {
      link: link.name,
      endpoint: `amqps://${link.host}:${link.port}`,
      state: this.#state,
      router: this.#router,
      lanes: this.#connection?.laneCount ?? 0,
      sessions: this.#connection?.sessionCount ?? 0,
      lastError: this.#lastError,
    };
  }

  start(): void {
    this.#generation += 1;
    const socket = preparedForFrames(connectSecurely(this.#options.link));
    this.#socket = socket;
    this.#whenSocketClosed = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
    this.#timer = this.#options.clock.after(DEADLINES.routerConnectMs, () => {
      socket.destroy(new Error(`no TLS connection within ${DEADLINES.routerConnectMs} ms`));
    });
    const failed = (error: Error) => this.#lost(`cannot connect: ${error.message}`);
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      socket.off('error', failed);
      this.#timer?.cancel();
      this.#secured(socket);
    });
    this.#change('connecting');
  }

  /** Resolves when the socket is closed; no connection is made after this. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#timer?.cancel();
    if (this.#connection === undefined) this.#socket?.destroy();
    else this.#connection.close();
    if (this.#state === 'waiting') this.#change('closed');
    await this.#whenSocketClosed;
    this.#change('closed');
  }

  #secured(socket: TLSSocket): void {
    const { policy, clock, version, containerId } = this.#options;
    this.#connection = new AmqpConnection({
      socket,
      containerId: `${containerId}.${this.#generation}`,
      version,
      clock,
      creditWaitMs: policy.creditWaitMs,
      openWaitMs: policy.openWaitMs,
      unackedLimitBytes: policy.unackedLimitBytes,
      routingKeys: this.#options.routingKeys(),
      log: (message) => this.#log(message),
      onOpen: (router) => this.#opened(router),
      onIdle: this.#options.onIdle,
      onDoubt: this.#options.onDoubt,
      onClose: (reason) => this.#lost(reason),
    });
    this.#connection.start();
  }

  #opened(router: RouterIdentity): void {
    this.#router = router;
    this.#openedAtMs = this.#options.clock.monotonicMs();
    this.#lastError = undefined;
    this.#log(`open: ${router.product} ${router.version}, id ${router.id}`);
    this.#change('open');
  }

  #lost(reason: string): void {
    this.#timer?.cancel();
    const wasOpen = this.#state === 'open';
    this.#connection = undefined;
    this.#router = undefined;
    this.#lastError = reason;
    if (this.#isClosing) return this.#change('closed');
    this.#log(reason);
    if (wasOpen && this.#lasted()) this.#failures = 0;
    this.#timer = this.#options.clock.after(this.#delayMs(), () => this.start());
    this.#failures += 1;
    this.#change('waiting');
  }

  /** A router that opens and closes at once must not be asked without pause. */
  #lasted(): boolean {
    const openMs = this.#options.clock.monotonicMs() - this.#openedAtMs;
    return openMs >= this.#options.policy.backoff.maxMs;
  }

  /** Full jitter, so that gateways do not come back to a restarted router all at once. */
  #delayMs(): number {
    const { minMs, maxMs } = this.#options.policy.backoff;
    const ceilingMs = Math.min(maxMs, minMs * 2 ** Math.min(this.#failures + 1, 30));
    return minMs + this.#options.random() * Math.max(0, ceilingMs - minMs);
  }

  #change(state: State): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onChange();
  }

  #log(message: string): void {
    const { link } = this.#options;
    this.#options.log(`link ${link.name}, amqps://${link.host}:${link.port}: ${message}`);
  }
}
