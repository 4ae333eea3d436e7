import { encodeError, encodeSource, encodeState, encodeTarget } from './encode-parts.ts';
import { FieldWriter } from './field-writer.ts';
import type * as Frame from './performatives.ts';
import type { ValueWriter } from './value-writer.ts';

/** Writes one frame body. Fields are written in the order of the specification. */
export function encodePerformative(writer: ValueWriter, body: Frame.Performative): void {
  switch (body.kind) {
    case 'open':
      return open(new FieldWriter(writer, 0x10), body);
    case 'begin':
      return begin(new FieldWriter(writer, 0x11), body);
    case 'attach':
      return attach(new FieldWriter(writer, 0x12), body);
    case 'flow':
      return flow(new FieldWriter(writer, 0x13), body);
    case 'transfer':
      return transfer(new FieldWriter(writer, 0x14), body);
    case 'disposition':
      return disposition(new FieldWriter(writer, 0x15), body);
    case 'detach':
      return detach(new FieldWriter(writer, 0x16), body);
    case 'end':
      return ending(new FieldWriter(writer, 0x17), body);
    case 'close':
      return ending(new FieldWriter(writer, 0x18), body);
    case 'sasl-mechanisms':
      return saslMechanisms(new FieldWriter(writer, 0x40), body);
    case 'sasl-init':
      return saslInit(new FieldWriter(writer, 0x41), body);
    case 'sasl-outcome':
      return saslOutcome(new FieldWriter(writer, 0x44), body);
    case 'unknown':
      throw new TypeError('an unknown frame body cannot be encoded');
  }
}

function open(fields: FieldWriter, body: Frame.Open): void {
  fields.string(body.containerId);
  fields.string(body.hostname);
  fields.uint(body.maxFrameSize);
  fields.ushort(body.channelMax);
  fields.uint(body.idleTimeOut);
  fields.symbols(body.outgoingLocales);
  fields.symbols(body.incomingLocales);
  fields.symbols(body.offeredCapabilities);
  fields.symbols(body.desiredCapabilities);
  fields.fields(body.properties);
  fields.finish();
}

function begin(fields: FieldWriter, body: Frame.Begin): void {
  fields.ushort(body.remoteChannel);
  fields.uint(body.nextOutgoingId);
  fields.uint(body.incomingWindow);
  fields.uint(body.outgoingWindow);
  fields.uint(body.handleMax);
  fields.symbols(body.offeredCapabilities);
  fields.symbols(body.desiredCapabilities);
  fields.fields(body.properties);
  fields.finish();
}

function attach(fields: FieldWriter, body: Frame.Attach): void {
  fields.string(body.name);
  fields.uint(body.handle);
  fields.boolean(body.role);
  fields.ubyte(body.sndSettleMode);
  fields.ubyte(body.rcvSettleMode);
  fields.described(body.source, encodeSource);
  fields.described(body.target, encodeTarget);
  fields.any(body.unsettled);
  fields.boolean(body.incompleteUnsettled);
  fields.uint(body.initialDeliveryCount);
  fields.ulong(body.maxMessageSize);
  fields.symbols(body.offeredCapabilities);
  fields.symbols(body.desiredCapabilities);
  fields.fields(body.properties);
  fields.finish();
}

function flow(fields: FieldWriter, body: Frame.Flow): void {
  fields.uint(body.nextIncomingId);
  fields.uint(body.incomingWindow);
  fields.uint(body.nextOutgoingId);
  fields.uint(body.outgoingWindow);
  fields.uint(body.handle);
  fields.uint(body.deliveryCount);
  fields.uint(body.linkCredit);
  fields.uint(body.available);
  fields.boolean(body.drain);
  fields.boolean(body.echo);
  fields.fields(body.properties);
  fields.finish();
}

function transfer(fields: FieldWriter, body: Frame.Transfer): void {
  fields.uint(body.handle);
  fields.uint(body.deliveryId);
  fields.binary(body.deliveryTag);
  fields.uint(body.messageFormat);
  fields.boolean(body.settled);
  fields.boolean(body.more);
  fields.ubyte(body.rcvSettleMode);
  fields.described(body.state, encodeState);
  fields.boolean(body.resume);
  fields.boolean(body.aborted);
  fields.boolean(body.batchable);
  fields.finish();
}

function disposition(fields: FieldWriter, body: Frame.Disposition): void {
  fields.boolean(body.role);
  fields.uint(body.first);
  fields.uint(body.last);
  fields.boolean(body.settled);
  fields.described(body.state, encodeState);
  fields.boolean(body.batchable);
  fields.finish();
}

function detach(fields: FieldWriter, body: Frame.Detach): void {
  fields.uint(body.handle);
  fields.boolean(body.closed);
  fields.described(body.error, encodeError);
  fields.finish();
}

function ending(fields: FieldWriter, body: Frame.End | Frame.Close): void {
  fields.described(body.error, encodeError);
  fields.finish();
}

function saslMechanisms(fields: FieldWriter, body: Frame.SaslMechanisms): void {
  fields.symbols(body.mechanisms);
  fields.finish();
}

function saslInit(fields: FieldWriter, body: Frame.SaslInit): void {
  fields.symbol(body.mechanism);
  fields.binary(body.initialResponse);
  fields.string(body.hostname);
  fields.finish();
}

function saslOutcome(fields: FieldWriter, body: Frame.SaslOutcome): void {
  fields.ubyte(body.code);
  fields.binary(body.additionalData);
  fields.finish();
}
