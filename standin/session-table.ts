import type { Begin, ErrorValue, Performative } from '../src/network/amqp/codec/codec.ts';
import { ROUTER_LIMITS } from './router-limits.ts';
import { RouterSession, type RouterSessionHost } from './router-session.ts';

/** The channels of one connection: the client's numbers lead to sessions with numbers of ours. */
export class SessionTable {
  readonly #host: RouterSessionHost;
  readonly #byClientChannel = new Map<number, RouterSession>();
  /** Ended by us; the client's frames mean nothing until its own `end`. */
  readonly #ending = new Map<number, RouterSession>();
  readonly #usedChannels = new Set<number>();
  #begun = 0;

  constructor(host: RouterSessionHost) {
    this.#host = host;
  }

  /** Sessions so far, those that ended too. */
  get begun(): number {
    return this.#begun;
  }

  all(): readonly RouterSession[] {
    return [...this.#byClientChannel.values()];
  }

  handle(channel: number, performative: Performative, payload: Buffer): void {
    if (performative.kind === 'begin') return this.#begin(channel, performative);
    const ending = this.#ending.get(channel);
    if (ending !== undefined) {
      if (performative.kind === 'end') this.#forgetEnding(channel, ending);
      return;
    }
    const session = this.#byClientChannel.get(channel);
    if (session === undefined) return this.#unknownChannel(channel);
    if (performative.kind === 'end') this.#end(channel, session);
    else session.handle(performative, payload);
  }

  /** On command: the router ends every session. */
  endAll(error: ErrorValue): void {
    for (const [channel, session] of this.#byClientChannel) {
      session.abandon();
      this.#ending.set(channel, session);
      this.#host.send(session.channel, { kind: 'end', error });
    }
    this.#byClientChannel.clear();
  }

  /** The connection is gone. */
  abandonAll(): void {
    for (const session of this.#byClientChannel.values()) session.abandon();
    this.#byClientChannel.clear();
    this.#ending.clear();
  }

  #begin(channel: number, begin: Begin): void {
    if (this.#byClientChannel.has(channel) || this.#ending.has(channel)) {
      return this.#refuse('amqp:not-allowed', `channel ${channel} is in use`);
    }
    if (channel > ROUTER_LIMITS.channelMax) {
      return this.#refuse('amqp:not-allowed', `channel ${channel} is above channel-max`);
    }
    this.#begun += 1;
    const session = new RouterSession(this.#host, this.#freeChannel(), begin);
    this.#byClientChannel.set(channel, session);
    this.#host.send(session.channel, {
      kind: 'begin',
      remoteChannel: channel,
      nextOutgoingId: 0,
      incomingWindow: ROUTER_LIMITS.sessionWindow,
      outgoingWindow: ROUTER_LIMITS.outgoingWindow,
      handleMax: ROUTER_LIMITS.handleMax,
    });
  }

  #end(channel: number, session: RouterSession): void {
    session.abandon();
    this.#byClientChannel.delete(channel);
    this.#host.send(session.channel, { kind: 'end' });
    this.#usedChannels.delete(session.channel);
  }

  #forgetEnding(channel: number, session: RouterSession): void {
    this.#ending.delete(channel);
    this.#usedChannels.delete(session.channel);
  }

  #freeChannel(): number {
    let channel = 0;
    while (this.#usedChannels.has(channel)) channel += 1;
    this.#usedChannels.add(channel);
    return channel;
  }

  #unknownChannel(channel: number): void {
    this.#refuse('amqp:not-allowed', `no such channel: ${channel}`);
  }

  #refuse(condition: string, description: string): void {
    this.#host.note('protocol-error', description);
    this.#host.fail({ condition, description });
  }
}
