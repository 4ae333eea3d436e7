import { AmqpError } from './amqp-error.ts';
import type { AmqpFields } from './amqp-value.ts';
import { readDescriptor } from './descriptors.ts';
import { valueEnd } from './extent.ts';
import { FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import { ValueReader } from './value-reader.ts';
import { ValueWriter } from './value-writer.ts';

/** The message sections ahead of a stream's raw octets (contract sections 5 and 6). */
export interface StreamOpening {
  readonly to: string | undefined;
  readonly replyTo: string | undefined;
  readonly correlationId: string | undefined;
  readonly contentType: string | undefined;
  readonly applicationProperties: AmqpFields;
}

export const STREAM_CONTENT_TYPE = 'application/octet-stream';

/** A router's opening is about 250 octets; annotations of a long trace add some hundreds. */
const MAX_OPENING_BYTES = 16_384;

const SECTION = { properties: 0x73, applicationProperties: 0x74, value: 0x77 } as const;
/** Data, sequence, footer: another kind of message. */
const FOREIGN_SECTIONS: ReadonlySet<number> = new Set([0x75, 0x76, 0x78]);

/** Openings are cut out of shared slabs, as frames are. */
const writer = new ValueWriter();

/** Properties, application-properties and the null value, right behind which the octets start. */
export function encodeOpening(opening: Omit<StreamOpening, 'contentType'>): Buffer {
  const properties = new FieldWriter(writer, SECTION.properties);
  properties.any(undefined);
  properties.any(undefined);
  properties.string(opening.to);
  properties.any(undefined);
  properties.string(opening.replyTo);
  properties.string(opening.correlationId);
  // The routers' own listener sends a string here, not the symbol of AMQP 3.2.4 (router-stream-protocol.md 5).
  properties.string(STREAM_CONTENT_TYPE);
  properties.finish();
  writer.octet(0x00);
  writer.ulong(SECTION.applicationProperties);
  writer.value(new Map(opening.applicationProperties));
  writer.octet(0x00);
  writer.ulong(SECTION.value);
  writer.null();
  return writer.take();
}

/** Collects a stream's first octets until the sections are complete. */
export class OpeningReader {
  #collected: Buffer = Buffer.alloc(0);

  /**
   * Undefined until the opening is complete; then the opening and the raw octets behind it. Throws
   * AmqpError when the sections are malformed, of another kind, or too long.
   */
  push(payload: Buffer): { readonly opening: StreamOpening; readonly rest: Buffer } | undefined {
    const isFirst = this.#collected.length === 0;
    const octets = isFirst ? payload : Buffer.concat([this.#collected, payload]);
    const end = sectionsEnd(octets);
    if (end === undefined || end > MAX_OPENING_BYTES) {
      if (octets.length > MAX_OPENING_BYTES) throw tooLong();
      this.#collected = octets;
      return undefined;
    }
    const opening = decodeSections(new ValueReader(octets, 0, end));
    return { opening, rest: octets.subarray(end) };
  }
}

/** The end of the amqp-value section; undefined while it has not arrived. */
function sectionsEnd(octets: Buffer): number | undefined {
  let offset = 0;
  for (;;) {
    if (offset < octets.length && octets[offset] !== 0x00) throw notASection(octets[offset]!);
    const end = valueEnd(octets, offset);
    if (end === undefined) return undefined;
    const code = readDescriptor(new ValueReader(octets, offset, end));
    if (FOREIGN_SECTIONS.has(code)) throw foreignSection(code);
    if (code === SECTION.value) return end;
    offset = end;
  }
}

function decodeSections(reader: ValueReader): StreamOpening {
  let properties = NO_PROPERTIES;
  let applicationProperties: AmqpFields = new Map();
  for (;;) {
    const code = readDescriptor(reader);
    if (code === SECTION.value) break;
    if (code === SECTION.properties) properties = decodeProperties(reader);
    else if (code === SECTION.applicationProperties) {
      applicationProperties = reader.fields(reader.octet());
    } else reader.skipValue();
  }
  if (reader.octet() !== 0x40) throw new AmqpError('amqp:decode-error', 'amqp-value is not null');
  return { ...properties, applicationProperties };
}

type Properties = Omit<StreamOpening, 'applicationProperties'>;

const NO_PROPERTIES: Properties = {
  to: undefined,
  replyTo: undefined,
  correlationId: undefined,
  contentType: undefined,
};

/** AMQP 3.2.4, up to content-type. */
function decodeProperties(reader: ValueReader): Properties {
  const fields = new FieldReader(reader, 'properties');
  fields.any();
  fields.any();
  const to = fields.text('to');
  fields.any();
  const replyTo = fields.text('reply-to');
  const correlationId = fields.any();
  const contentType = fields.text('content-type');
  fields.finish();
  return {
    to,
    replyTo,
    correlationId: typeof correlationId === 'string' ? correlationId : undefined,
    contentType,
  };
}

function notASection(octet: number): AmqpError {
  const found = `0x${octet.toString(16).padStart(2, '0')}`;
  return new AmqpError('amqp:decode-error', `found octet ${found}, wanted a message section`);
}

function foreignSection(code: number): AmqpError {
  const text = `section 0x${code.toString(16)} in a stream, wanted amqp-value null`;
  return new AmqpError('amqp:decode-error', text);
}

function tooLong(): AmqpError {
  const text = `message sections longer than ${MAX_OPENING_BYTES} octets`;
  return new AmqpError('amqp:decode-error', text);
}
