import type { Clock } from '../src/core/clock.ts';
import { STREAM_CONTENT_TYPE, type StreamOpening } from '../src/network/amqp/codec/codec.ts';
import { CarriedStream } from './carried-stream.ts';
import type { BackendAddress, Connector, ConnectorTable } from './connector-table.ts';
import type { ReplyAddresses } from './reply-addresses.ts';
import type { RequestDelivery } from './request-delivery.ts';
import type { Violations } from './violations.ts';

export interface DispatcherParts {
  readonly connectors: ConnectorTable;
  readonly replies: ReplyAddresses;
  readonly violations: Violations;
  readonly clock: Clock;
}

/** Where an opening goes: to a connector, or back with the outcome of router-stream-protocol.md 5 or 11. */
export class Dispatcher {
  readonly connectors: ConnectorTable;
  readonly #parts: DispatcherParts;
  readonly #streams = new Set<CarriedStream>();
  /** Deliveries to backends at other routers that no side has ended yet. */
  readonly #unsettled = new Map<BackendAddress, number>();

  constructor(parts: DispatcherParts) {
    this.connectors = parts.connectors;
    this.#parts = parts;
  }

  /** The streams being carried, optionally of one routing key. */
  streams(routingKey?: string): readonly CarriedStream[] {
    const all = [...this.#streams];
    return routingKey === undefined ? all : all.filter((it) => it.routingKey === routingKey);
  }

  dispatch(request: RequestDelivery, routingKey: string | undefined, opening: StreamOpening): void {
    const connector = routingKey === undefined ? undefined : this.connectors.find(routingKey);
    if (connector === undefined || connector.behaviour === 'release') {
      return request.decide({ kind: 'released' });
    }
    if (connector.behaviour === 'silent') return;
    if (opening.contentType !== STREAM_CONTENT_TYPE) return request.decide({ kind: 'released' });
    const reply = this.#parts.replies.find(opening.replyTo ?? '');
    if (reply === undefined) {
      const undeliverableHere = false;
      return request.decide({ kind: 'modified', deliveryFailed: true, undeliverableHere });
    }
    const backend = this.#choose(connector, request);
    if (this.connectors.isWithdrawn(backend)) return request.decide({ kind: 'released' });
    const { clock, violations } = this.#parts;
    const stream = new CarriedStream({
      routingKey: connector.routingKey,
      backend,
      alpn: alpnOf(opening),
      request,
      reply,
      clock,
      violations,
      onClosed: (closed) => void this.#streams.delete(closed),
    });
    this.#streams.add(stream);
    request.connect(stream);
  }

  #choose(connector: Connector, request: RequestDelivery): BackendAddress {
    const here = this.streams(connector.routingKey);
    const backend = this.connectors.nextBackend(connector, (it) =>
      it.cost === undefined
        ? here.filter((stream) => stream.backend === it).length
        : (this.#unsettled.get(it) ?? 0),
    );
    this.#count(backend, 1);
    request.whenOver(() => this.#count(backend, -1));
    return backend;
  }

  #count(backend: BackendAddress, change: 1 | -1): void {
    const count = (this.#unsettled.get(backend) ?? 0) + change;
    if (count === 0) this.#unsettled.delete(backend);
    else this.#unsettled.set(backend, count);
  }
}

function alpnOf({ applicationProperties }: StreamOpening): string | undefined {
  const alpn = applicationProperties.get('alpn');
  return typeof alpn === 'string' ? alpn : undefined;
}
