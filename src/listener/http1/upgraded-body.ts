import type { Duplex } from 'node:stream';
import type { GatewayError } from '../../core/errors.ts';
import type { BodyReceiver, BodySource } from '../../core/message.ts';
import { clientGone } from '../http/client-gone.ts';

/** What happens on the socket while nobody has asked for the octets yet. */
export interface BeforeSwitch {
  onOctets(): void;
  onEnd(): void;
}

/**
 * The client's half of an upgraded HTTP/1.1 connection. It is read from the start, so that a client that
 * leaves is noticed; octets count only once somebody consumes them.
 */
export class UpgradedBody implements BodySource {
  readonly length = undefined;
  readonly #socket: Duplex;
  readonly #before: BeforeSwitch;
  #receiver: BodyReceiver | undefined;
  #isOver = false;

  constructor(socket: Duplex, before: BeforeSwitch) {
    this.#socket = socket;
    this.#before = before;
  }

  watch(): void {
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('end', () => this.#end());
    this.#socket.resume();
  }

  consume(receiver: BodyReceiver): void {
    if (this.#isOver) return receiver.fail(clientGone('the stream is over'));
    this.#receiver = receiver;
  }

  pause(): void {
    if (!this.#isOver) this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  allowSilence(): void {
    // It has no minimum rate.
  }

  discard(): void {
    this.#isOver = true;
    this.#receiver = undefined;
    this.#socket.resume();
  }

  fail(error: GatewayError): void {
    const receiver = this.#finish();
    receiver?.fail(error);
  }

  #take(chunk: Buffer): void {
    if (this.#isOver) return;
    if (this.#receiver) this.#receiver.data(chunk);
    else this.#before.onOctets();
  }

  #end(): void {
    if (this.#isOver) return;
    const receiver = this.#finish();
    if (receiver) receiver.end([]);
    else this.#before.onEnd();
  }

  #finish(): BodyReceiver | undefined {
    const receiver = this.#receiver;
    this.#isOver = true;
    this.#receiver = undefined;
    return receiver;
  }
}
