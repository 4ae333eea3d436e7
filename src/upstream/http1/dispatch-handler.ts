import type { Dispatcher } from 'undici';
import { GatewayError } from '../../core/errors.ts';
import type { HeaderList, MutableHeaderList } from '../../core/header-list.ts';
import { connectionFault } from '../connection-fault.ts';
import type { CarryingConnection, ConnectionAware } from './connection-pool.ts';
import { mayHaveDiedUnseen } from '../retry-rule.ts';
import type { RequestBody } from './request-body.ts';
import { framingFault } from './response-framing.ts';
import type { UpstreamCall, UpstreamReceiver } from '../upstream.ts';

export interface DispatchHandlerOptions {
  readonly receiver: UpstreamReceiver;
  readonly method: string;
  readonly body: RequestBody | undefined;
  /** Called once when undici is done with the request, in whatever way. */
  readonly release: () => void;
}

/** Between undici's dispatch and an `UpstreamReceiver`: raw header lists, errors in our codes. */
export class DispatchHandler implements Dispatcher.DispatchHandler, UpstreamCall, ConnectionAware {
  readonly #options: DispatchHandlerOptions;
  #controller: Dispatcher.DispatchController | undefined;
  #connection: CarryingConnection | undefined;
  #abortedWith: GatewayError | undefined;
  #isPaused = false;
  #isDone = false;
  #hasHead = false;

  constructor(options: DispatchHandlerOptions) {
    this.#options = options;
  }

  // From `forward`

  pause(): void {
    this.#isPaused = true;
    if (!this.#hasHead) this.#connection?.hold(true);
    this.#controller?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#hasHead) this.#connection?.hold(false);
    this.#controller?.resume();
  }

  abort(error: GatewayError): void {
    if (this.#isDone || this.#abortedWith !== undefined) return;
    this.#abortedWith = error;
    this.#options.body?.destroy();
    this.#controller?.abort(error);
  }

  // From undici

  carriedBy(connection: CarryingConnection): void {
    this.#connection = connection;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#abortedWith === undefined) this.#options.receiver.connected();
    else controller.abort(this.#abortedWith);
  }

  onBodySent(): void {
    if (this.#abortedWith === undefined) this.#options.receiver.progress();
  }

  onRequestSent(): void {
    if (this.#abortedWith === undefined) this.#options.receiver.sent();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (this.#abortedWith !== undefined) return;
    const headers = rawList(controller.rawHeaders);
    if (status < 200) {
      this.#options.receiver.informational(status, headers);
      return;
    }
    this.#hasHead = true;
    const fault = framingFault(headers);
    if (fault === undefined) this.#options.receiver.head(status, headers);
    else this.#giveUp(new GatewayError('upstream_protocol_error', { detail: fault }));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#abortedWith === undefined) this.#options.receiver.data(chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#finish();
    if (this.#abortedWith === undefined) {
      this.#options.receiver.end(rawList(controller.rawTrailers));
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#finish();
    if (this.#abortedWith !== undefined) return;
    const fault = connectionFault(error, this.#mayBeSentAgain());
    if (this.#isBegun) this.#connection?.failed(fault);
    this.#options.receiver.fail(fault);
  }

  #giveUp(error: GatewayError): void {
    this.abort(error);
    this.#options.receiver.fail(error);
  }

  #finish(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    // The next request of the connection must not find it held.
    if (!this.#hasHead) this.#connection?.hold(false);
    this.#options.release();
  }

  /** policy-language.md 8: whatever was not written yet, and what the retry rule says of the rest. */
  #mayBeSentAgain(): boolean {
    if (!this.#isBegun) return true;
    const { method, body } = this.#options;
    const connection = this.#connection;
    if (connection === undefined) return false;
    const { hasAnswered, earlierRequests } = connection;
    return mayHaveDiedUnseen({
      method,
      isBodyless: body === undefined,
      hasAnswered,
      earlierRequests,
    });
  }

  /** undici has begun to write it. */
  get #isBegun(): boolean {
    return this.#controller !== undefined;
  }
}

/** Field values are octets (RFC 9110 5.5); latin1 keeps each octet one character, both ways. */
function rawList(raw: Buffer[] | string[] | object | null | undefined): HeaderList {
  if (!Array.isArray(raw)) return [];
  const list: MutableHeaderList = [];
  for (const item of raw) {
    list.push(typeof item === 'string' ? item : (item as Buffer).toString('latin1'));
  }
  return list;
}
