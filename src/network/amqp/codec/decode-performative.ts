import { readDescriptor } from './descriptors.ts';
import { decodeError, decodeState } from './decode-state.ts';
import { decodeSource, decodeTarget } from './decode-terminus.ts';
import { FieldReader } from './field-reader.ts';
import type * as Frame from './performatives.ts';
import type { ValueReader } from './value-reader.ts';

type Performative = Frame.Performative;

/**
 * The frame body at the reader's position; what follows it is payload. Throws AmqpError for a body
 * that breaks its type. A body with a descriptor we do not know is skipped.
 */
export function decodePerformative(reader: ValueReader): Performative {
  const code = readDescriptor(reader);
  const decoder = DECODERS.get(code);
  if (decoder === undefined) {
    reader.skipValue();
    return { kind: 'unknown' };
  }
  const fields = new FieldReader(reader, decoder.name);
  const performative = decoder.decode(fields);
  fields.finish();
  return performative;
}

/** Fields are read in the order of the specification: each call takes the next one. */
interface Decoder {
  readonly name: string;
  readonly decode: (fields: FieldReader) => Performative;
}

const DECODERS: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [0x10, { name: 'open', decode: open }],
  [0x11, { name: 'begin', decode: begin }],
  [0x12, { name: 'attach', decode: attach }],
  [0x13, { name: 'flow', decode: flow }],
  [0x14, { name: 'transfer', decode: transfer }],
  [0x15, { name: 'disposition', decode: disposition }],
  [0x16, { name: 'detach', decode: detach }],
  [0x17, { name: 'end', decode: (fields) => ({ kind: 'end', error: error(fields) }) }],
  [0x18, { name: 'close', decode: (fields) => ({ kind: 'close', error: error(fields) }) }],
  [0x40, { name: 'sasl-mechanisms', decode: saslMechanisms }],
  [0x41, { name: 'sasl-init', decode: saslInit }],
  [0x44, { name: 'sasl-outcome', decode: saslOutcome }],
]);

function open(fields: FieldReader): Frame.Open {
  return {
    kind: 'open',
    containerId: fields.required(fields.text('container-id'), 'container-id'),
    hostname: fields.text('hostname'),
    maxFrameSize: fields.uint('max-frame-size'),
    channelMax: fields.ushort('channel-max'),
    idleTimeOut: fields.uint('idle-time-out'),
    outgoingLocales: fields.symbols('outgoing-locales'),
    incomingLocales: fields.symbols('incoming-locales'),
    offeredCapabilities: fields.symbols('offered-capabilities'),
    desiredCapabilities: fields.symbols('desired-capabilities'),
    properties: fields.fields('properties'),
  };
}

function begin(fields: FieldReader): Frame.Begin {
  return {
    kind: 'begin',
    remoteChannel: fields.ushort('remote-channel'),
    nextOutgoingId: fields.required(fields.uint('next-outgoing-id'), 'next-outgoing-id'),
    incomingWindow: fields.required(fields.uint('incoming-window'), 'incoming-window'),
    outgoingWindow: fields.required(fields.uint('outgoing-window'), 'outgoing-window'),
    handleMax: fields.uint('handle-max'),
    offeredCapabilities: fields.symbols('offered-capabilities'),
    desiredCapabilities: fields.symbols('desired-capabilities'),
    properties: fields.fields('properties'),
  };
}

function attach(fields: FieldReader): Frame.Attach {
  return {
    kind: 'attach',
    name: fields.required(fields.text('name'), 'name'),
    handle: fields.required(fields.uint('handle'), 'handle'),
    role: fields.required(fields.boolean('role'), 'role'),
    sndSettleMode: fields.ubyte('snd-settle-mode'),
    rcvSettleMode: fields.ubyte('rcv-settle-mode'),
    source: fields.described('source', decodeSource),
    target: fields.described('target', decodeTarget),
    unsettled: fields.any(),
    incompleteUnsettled: fields.boolean('incomplete-unsettled'),
    initialDeliveryCount: fields.uint('initial-delivery-count'),
    maxMessageSize: fields.ulong('max-message-size'),
    offeredCapabilities: fields.symbols('offered-capabilities'),
    desiredCapabilities: fields.symbols('desired-capabilities'),
    properties: fields.fields('properties'),
  };
}

function flow(fields: FieldReader): Frame.Flow {
  return {
    kind: 'flow',
    nextIncomingId: fields.uint('next-incoming-id'),
    incomingWindow: fields.required(fields.uint('incoming-window'), 'incoming-window'),
    nextOutgoingId: fields.required(fields.uint('next-outgoing-id'), 'next-outgoing-id'),
    outgoingWindow: fields.required(fields.uint('outgoing-window'), 'outgoing-window'),
    handle: fields.uint('handle'),
    deliveryCount: fields.uint('delivery-count'),
    linkCredit: fields.uint('link-credit'),
    available: fields.uint('available'),
    drain: fields.boolean('drain'),
    echo: fields.boolean('echo'),
    properties: fields.fields('properties'),
  };
}

function transfer(fields: FieldReader): Frame.Transfer {
  return {
    kind: 'transfer',
    handle: fields.required(fields.uint('handle'), 'handle'),
    deliveryId: fields.uint('delivery-id'),
    deliveryTag: fields.binary('delivery-tag'),
    messageFormat: fields.uint('message-format'),
    settled: fields.boolean('settled'),
    more: fields.boolean('more'),
    rcvSettleMode: fields.ubyte('rcv-settle-mode'),
    state: fields.described('state', decodeState),
    resume: fields.boolean('resume'),
    aborted: fields.boolean('aborted'),
    batchable: fields.boolean('batchable'),
  };
}

function disposition(fields: FieldReader): Frame.Disposition {
  return {
    kind: 'disposition',
    role: fields.required(fields.boolean('role'), 'role'),
    first: fields.required(fields.uint('first'), 'first'),
    last: fields.uint('last'),
    settled: fields.boolean('settled'),
    state: fields.described('state', decodeState),
    batchable: fields.boolean('batchable'),
  };
}

function detach(fields: FieldReader): Frame.Detach {
  return {
    kind: 'detach',
    handle: fields.required(fields.uint('handle'), 'handle'),
    closed: fields.boolean('closed'),
    error: error(fields),
  };
}

function error(fields: FieldReader): Frame.ErrorValue | undefined {
  return fields.described('error', decodeError);
}

function saslMechanisms(fields: FieldReader): Frame.SaslMechanisms {
  const mechanisms = fields.symbols('sasl-server-mechanisms');
  return {
    kind: 'sasl-mechanisms',
    mechanisms: fields.required(mechanisms, 'sasl-server-mechanisms'),
  };
}

function saslInit(fields: FieldReader): Frame.SaslInit {
  return {
    kind: 'sasl-init',
    mechanism: fields.required(fields.text('mechanism'), 'mechanism'),
    initialResponse: fields.binary('initial-response'),
    hostname: fields.text('hostname'),
  };
}

function saslOutcome(fields: FieldReader): Frame.SaslOutcome {
  return {
    kind: 'sasl-outcome',
    code: fields.required(fields.ubyte('code'), 'code'),
    additionalData: fields.binary('additional-data'),
  };
}
