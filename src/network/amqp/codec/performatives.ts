import type { AmqpFields, AmqpValue } from './amqp-value.ts';

/**
 * The frame bodies of AMQP 1.0 (part 2, 2.7; part 5, 5.3.3). A field that was null or left out is
 * undefined: defaults are the reader's business. Names are those of the specification in camelCase.
 */
export type Performative =
  | Open
  | Begin
  | Attach
  | Flow
  | Transfer
  | Disposition
  | Detach
  | End
  | Close
  | SaslMechanisms
  | SaslInit
  | SaslOutcome
  | UnknownPerformative;

export interface Open {
  readonly kind: 'open';
  readonly containerId: string;
  readonly hostname?: string | undefined;
  readonly maxFrameSize?: number | undefined;
  readonly channelMax?: number | undefined;
  /** Milliseconds. */
  readonly idleTimeOut?: number | undefined;
  readonly outgoingLocales?: readonly string[] | undefined;
  readonly incomingLocales?: readonly string[] | undefined;
  readonly offeredCapabilities?: readonly string[] | undefined;
  readonly desiredCapabilities?: readonly string[] | undefined;
  readonly properties?: AmqpFields | undefined;
}

export interface Begin {
  readonly kind: 'begin';
  readonly remoteChannel?: number | undefined;
  readonly nextOutgoingId: number;
  readonly incomingWindow: number;
  readonly outgoingWindow: number;
  readonly handleMax?: number | undefined;
  readonly offeredCapabilities?: readonly string[] | undefined;
  readonly desiredCapabilities?: readonly string[] | undefined;
  readonly properties?: AmqpFields | undefined;
}

export interface Attach {
  readonly kind: 'attach';
  readonly name: string;
  readonly handle: number;
  /** True: the sender of this frame is the link's receiver. */
  readonly role: boolean;
  readonly sndSettleMode?: number | undefined;
  readonly rcvSettleMode?: number | undefined;
  readonly source?: Source | undefined;
  readonly target?: Target | undefined;
  readonly unsettled?: AmqpValue | undefined;
  readonly incompleteUnsettled?: boolean | undefined;
  readonly initialDeliveryCount?: number | undefined;
  readonly maxMessageSize?: number | undefined;
  readonly offeredCapabilities?: readonly string[] | undefined;
  readonly desiredCapabilities?: readonly string[] | undefined;
  readonly properties?: AmqpFields | undefined;
}

/** What source and target share (AMQP 3.5.3, 3.5.4). */
export interface Terminus {
  readonly address?: string | undefined;
  readonly durable?: number | undefined;
  readonly expiryPolicy?: string | undefined;
  readonly timeout?: number | undefined;
  readonly dynamic?: boolean | undefined;
  readonly dynamicNodeProperties?: AmqpFields | undefined;
  readonly capabilities?: readonly string[] | undefined;
}

export interface Source extends Terminus {
  readonly distributionMode?: string | undefined;
  readonly filter?: AmqpValue | undefined;
  readonly defaultOutcome?: DeliveryState | undefined;
  readonly outcomes?: readonly string[] | undefined;
}

export type Target = Terminus;

export interface Flow {
  readonly kind: 'flow';
  readonly nextIncomingId?: number | undefined;
  readonly incomingWindow: number;
  readonly nextOutgoingId: number;
  readonly outgoingWindow: number;
  readonly handle?: number | undefined;
  readonly deliveryCount?: number | undefined;
  readonly linkCredit?: number | undefined;
  readonly available?: number | undefined;
  readonly drain?: boolean | undefined;
  readonly echo?: boolean | undefined;
  readonly properties?: AmqpFields | undefined;
}

export interface Transfer {
  readonly kind: 'transfer';
  readonly handle: number;
  readonly deliveryId?: number | undefined;
  readonly deliveryTag?: Uint8Array | undefined;
  readonly messageFormat?: number | undefined;
  readonly settled?: boolean | undefined;
  readonly more?: boolean | undefined;
  readonly rcvSettleMode?: number | undefined;
  readonly state?: DeliveryState | undefined;
  readonly resume?: boolean | undefined;
  readonly aborted?: boolean | undefined;
  readonly batchable?: boolean | undefined;
}

export interface Disposition {
  readonly kind: 'disposition';
  /** True: the sender of this frame received the deliveries. */
  readonly role: boolean;
  readonly first: number;
  readonly last?: number | undefined;
  readonly settled?: boolean | undefined;
  readonly state?: DeliveryState | undefined;
  readonly batchable?: boolean | undefined;
}

export interface Detach {
  readonly kind: 'detach';
  readonly handle: number;
  readonly closed?: boolean | undefined;
  readonly error?: ErrorValue | undefined;
}

export interface End {
  readonly kind: 'end';
  readonly error?: ErrorValue | undefined;
}

export interface Close {
  readonly kind: 'close';
  readonly error?: ErrorValue | undefined;
}

export interface SaslMechanisms {
  readonly kind: 'sasl-mechanisms';
  readonly mechanisms: readonly string[];
}

export interface SaslInit {
  readonly kind: 'sasl-init';
  readonly mechanism: string;
  readonly initialResponse?: Uint8Array | undefined;
  readonly hostname?: string | undefined;
}

export interface SaslOutcome {
  readonly kind: 'sasl-outcome';
  /** 0 is success (AMQP 5.3.3.6). */
  readonly code: number;
  readonly additionalData?: Uint8Array | undefined;
}

/** A frame body we do not know: skipped, not an error. */
interface UnknownPerformative {
  readonly kind: 'unknown';
}

/** AMQP 2.8.14. The condition is the peer's word, registered or not. */
export interface ErrorValue {
  readonly condition: string;
  readonly description?: string | undefined;
  readonly info?: AmqpFields | undefined;
}

/** AMQP 3.4. */
export type DeliveryState =
  | {
      readonly kind: 'received';
      readonly sectionNumber: number;
      /** Octets of the stream; exact up to 2^53. */
      readonly sectionOffset: number;
    }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'released' }
  | { readonly kind: 'rejected'; readonly error?: ErrorValue | undefined }
  | {
      readonly kind: 'modified';
      readonly deliveryFailed?: boolean | undefined;
      readonly undeliverableHere?: boolean | undefined;
      readonly messageAnnotations?: AmqpFields | undefined;
    }
  | { readonly kind: 'unknown' };
