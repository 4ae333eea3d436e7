import type {
  Attach,
  Disposition,
  Flow,
  Performative,
  Terminus,
  Transfer,
} from '../../../src/network/amqp/codec/performatives.ts';
import { OpeningReader } from '../../../src/network/amqp/codec/stream-opening.ts';

/** A frame as a transcript takes it. */
export interface SpokenFrame {
  readonly channel: number;
  readonly performative: Performative;
  readonly payload: Buffer;
}

/** One delivery of one direction, its transfers put together. */
interface Delivery {
  readonly index: number;
  readonly opening: OpeningReader;
  isOpen: boolean;
  readonly chunks: Buffer[];
  octets: number;
}

interface Lane {
  readonly index: number;
  /** Handle → true when the sender of this direction is the link's receiver. */
  readonly roles: Map<number, boolean>;
  current: Delivery | undefined;
  deliveries: Delivery[];
  receivedOffset: number;
}

/**
 * What one side said, as statements that do not depend on names, ids, tags, dynamic addresses, or how
 * octets are cut into frames. Two transcripts that hold the same statements in a legal order say the same.
 */
export class Transcript {
  /** In the order said; octets of a delivery are told at `octetsOf`, not here. */
  readonly statements: string[] = [];
  readonly #byChannel = new Map<number, Lane>();
  readonly #lanes: Lane[] = [];

  header(protocol: string): void {
    this.statements.push(`header ${protocol}`);
  }

  fin(): void {
    this.statements.push('fin');
  }

  frame({ channel, performative, payload }: SpokenFrame): void {
    switch (performative.kind) {
      case 'begin':
        return this.#begin(channel);
      case 'transfer':
        return this.#transfer(this.#lane(channel), performative, payload);
      case 'attach':
        return this.#attach(this.#lane(channel), performative);
      case 'flow':
        return this.#flow(this.#lane(channel), performative);
      case 'disposition':
        return this.#disposition(this.#lane(channel), performative);
      case 'detach':
      case 'end':
        return this.#say(this.#lane(channel), performative.kind + errorOf(performative.error));
      case 'close':
        return void this.statements.push('close' + errorOf(performative.error));
      case 'open':
        return void this.statements.push(openStatement(performative));
      case 'sasl-mechanisms':
      case 'sasl-init':
        return void this.statements.push(performative.kind);
      case 'sasl-outcome':
        return void this.statements.push(`sasl-outcome ${performative.code}`);
      case 'unknown':
        return void this.statements.push('unknown');
    }
  }

  /** Body octets of a delivery so far; 0 when there is none. */
  octets(lane: number, delivery: number): number {
    return this.#lanes[lane]?.deliveries[delivery]?.octets ?? 0;
  }

  isOpened(lane: number, delivery: number): boolean {
    return this.#lanes[lane]?.deliveries[delivery]?.isOpen ?? false;
  }

  /** Largest offset this side acknowledged on the lane. */
  receivedOffset(lane: number): number {
    return this.#lanes[lane]?.receivedOffset ?? 0;
  }

  /** Lane index of the channel in use, and of the delivery in progress on it. */
  position(channel: number): { readonly lane: number; readonly delivery: number } {
    const lane = this.#byChannel.get(channel);
    return { lane: lane?.index ?? -1, delivery: Math.max(0, (lane?.deliveries.length ?? 0) - 1) };
  }

  /** Every delivery's body, with its name. */
  bodies(): readonly { readonly name: string; readonly octets: Buffer }[] {
    return this.#lanes.flatMap((lane) =>
      lane.deliveries.map(({ index, chunks }) => ({
        name: `lane ${lane.index} delivery ${index}`,
        octets: Buffer.concat(chunks),
      })),
    );
  }

  #begin(channel: number): void {
    const index = this.#lanes.length;
    const roles = new Map<number, boolean>();
    const lane = { index, roles, current: undefined, deliveries: [], receivedOffset: 0 };
    this.#lanes.push(lane);
    this.#byChannel.set(channel, lane);
    this.#say(lane, 'begin');
  }

  #lane(channel: number): Lane {
    const lane = this.#byChannel.get(channel);
    if (lane === undefined) throw new Error(`frame on channel ${channel} before its begin`);
    return lane;
  }

  #say(lane: Lane, what: string): void {
    this.statements.push(`lane ${lane.index} ${what}`);
  }

  #attach(lane: Lane, attach: Attach): void {
    lane.roles.set(attach.handle, attach.role);
    const role = attach.role ? 'receiver' : 'sender';
    const ends = `source ${terminus(attach.source)} target ${terminus(attach.target)}`;
    this.#say(lane, `attach ${role} ${ends}`);
  }

  #flow(lane: Lane, flow: Flow): void {
    // Session flows are windows, which each side refreshes in its own rhythm.
    if (flow.handle === undefined) return;
    this.#say(lane, `credit ${flow.deliveryCount} + ${flow.linkCredit}`);
  }

  #transfer(lane: Lane, transfer: Transfer, payload: Buffer): void {
    const delivery = this.#deliveryOf(lane, transfer);
    this.#take(lane, delivery, payload);
    if (transfer.more === true) return;
    lane.current = undefined;
    this.#say(lane, `delivery ${delivery.index} ${transfer.aborted === true ? 'aborted' : 'end'}`);
    if (transfer.settled === true) this.#say(lane, `delivery ${delivery.index} settled`);
  }

  #deliveryOf(lane: Lane, transfer: Transfer): Delivery {
    // After the outcome of a delivery an aborted transfer still belongs to it.
    if (lane.current !== undefined) return lane.current;
    const index = lane.deliveries.length;
    const delivery: Delivery = {
      index,
      opening: new OpeningReader(),
      isOpen: false,
      chunks: [],
      octets: 0,
    };
    lane.deliveries.push(delivery);
    if (transfer.aborted !== true) lane.current = delivery;
    return delivery;
  }

  #take(lane: Lane, delivery: Delivery, payload: Buffer): void {
    let body = payload;
    if (!delivery.isOpen && payload.length > 0) {
      const read = delivery.opening.push(payload);
      if (read === undefined) return;
      delivery.isOpen = true;
      body = read.rest;
      const { contentType, replyTo } = read.opening;
      const reply = replyTo === undefined ? '' : ' with reply-to';
      this.#say(lane, `delivery ${delivery.index} opening ${contentType}${reply}`);
    }
    delivery.octets += body.length;
    if (body.length > 0) delivery.chunks.push(body);
  }

  #disposition(lane: Lane, { role, first, settled, state }: Disposition): void {
    if (state?.kind === 'received') {
      lane.receivedOffset = Math.max(lane.receivedOffset, state.sectionOffset);
      return;
    }
    if (!role) return this.#say(lane, `delivery ${first} settled`);
    const details =
      state?.kind === 'modified'
        ? ` failed=${state.deliveryFailed} here=${state.undeliverableHere}`
        : '';
    this.#say(
      lane,
      `outcome ${first} ${state?.kind}${details}${settled === true ? ' settled' : ''}`,
    );
  }
}

function openStatement(open: Extract<Performative, { kind: 'open' }>): string {
  const { maxFrameSize, channelMax, idleTimeOut } = open;
  const offered = open.offeredCapabilities?.join(',') ?? 'nothing';
  const product = JSON.stringify(open.properties?.get('product'));
  const limits = `frame ${maxFrameSize} channels ${channelMax} idle ${idleTimeOut}`;
  return `open ${limits} offers ${offered} as ${product}`;
}

/** A terminus without its dynamic address; an empty one and its defaults are the same. */
function terminus(end: Terminus | undefined): string {
  if (end === undefined) return 'none';
  const address = end.dynamic === true ? 'dynamic' : (end.address ?? 'null');
  const capabilities = (end.capabilities ?? []).join(',');
  return `${address}/${end.expiryPolicy ?? 'none'}[${capabilities}]`;
}

function errorOf(
  error: { readonly condition: string; readonly description?: string | undefined } | undefined,
): string {
  return error === undefined ? '' : ` ${error.condition} "${error.description}"`;
}
