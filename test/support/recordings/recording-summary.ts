import type { AmqpFields, AmqpValue } from '../../../src/network/amqp/codec/amqp-value.ts';
import type { Performative } from '../../../src/network/amqp/codec/performatives.ts';
import { encodeOpening } from '../../../src/network/amqp/codec/stream-opening.ts';

/** What the recorder decoded: the specification's names, `:` before symbols, `x` before binaries. */
export interface Summary {
  readonly ch?: number;
  readonly header?: string;
  readonly tcp?: string;
  readonly empty?: string;
  readonly payload_len?: number;
  readonly raw?: string;
  readonly raw_len?: number;
  readonly message?: readonly Readonly<Record<string, Readonly<Record<string, string>>>>[];
  readonly [performative: string]: unknown;
}

const KINDS = [
  'open',
  'begin',
  'attach',
  'flow',
  'transfer',
  'disposition',
  'detach',
  'end',
  'close',
];
const SASL = ['sasl-mechanisms', 'sasl-init', 'sasl-outcome'];
const BINARIES = new Set(['delivery-tag', 'initial-response']);

/** The frame body of a summary, in the words of our codec. */
export function performativeOf(summary: Summary): Performative {
  const kind = [...KINDS, ...SASL].find((name) => name in summary)!;
  return { kind, ...fieldsOf(summary[kind] as Json) } as unknown as Performative;
}

/** The message sections of a summary; empty when the frame has none. */
export function sectionsOf({ message = [] }: Summary): Buffer {
  const properties = message.find((section) => section['properties'])?.['properties'];
  if (properties === undefined) return Buffer.alloc(0);
  return encodeOpening({
    to: properties['to'],
    replyTo: properties['reply-to'],
    correlationId: undefined,
    applicationProperties: new Map([['V', 1]]),
  });
}

type Json = Readonly<Record<string, unknown>>;

function fieldsOf(fields: Json): Json {
  const entries = Object.entries(fields).map(([name, value]) => {
    if (name === 'properties') return [name, propertiesOf(value as Json)];
    return [camelCase(name), BINARIES.has(name) ? binary(value as string) : valueOf(value)];
  });
  return Object.fromEntries(entries) as Json;
}

function valueOf(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/^:/, '');
  if (Array.isArray(value)) return value.map(valueOf);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, inner]] = Object.entries(value) as [[string, Json]];
  const fields = fieldsOf(inner);
  const isComposite = name === '@source' || name === '@target' || name === '@error';
  return isComposite ? fields : { kind: name.slice(1), ...fields };
}

function propertiesOf(properties: Json): AmqpFields {
  return new Map(Object.entries(properties) as [string, AmqpValue][]);
}

function binary(text: string): Buffer {
  return Buffer.from(text.slice(1), 'hex');
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_all, letter: string) => letter.toUpperCase());
}
