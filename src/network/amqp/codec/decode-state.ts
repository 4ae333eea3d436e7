import { FieldReader } from './field-reader.ts';
import type { DeliveryState, ErrorValue } from './performatives.ts';
import type { ValueReader } from './value-reader.ts';

/** Delivery states (AMQP 3.4); one we do not know is skipped and says `unknown`. */
export function decodeState(reader: ValueReader, code: number): DeliveryState {
  switch (code) {
    case 0x23:
      return received(reader);
    case 0x24:
      return empty(reader, 'accepted');
    case 0x25:
      return rejected(reader);
    case 0x26:
      return empty(reader, 'released');
    case 0x27:
      return modified(reader);
    default:
      reader.skipValue();
      return { kind: 'unknown' };
  }
}

/** AMQP 2.8.14; a described value of another kind is skipped. */
export function decodeError(reader: ValueReader, code: number): ErrorValue {
  if (code !== 0x1d) {
    reader.skipValue();
    return { condition: 'unknown' };
  }
  const fields = new FieldReader(reader, 'error');
  const error = {
    condition: fields.required(fields.text('condition'), 'condition'),
    description: fields.text('description'),
    info: fields.fields('info'),
  };
  fields.finish();
  return error;
}

function received(reader: ValueReader): DeliveryState {
  const fields = new FieldReader(reader, 'received');
  const state = {
    kind: 'received',
    sectionNumber: fields.required(fields.uint('section-number'), 'section-number'),
    sectionOffset: fields.required(fields.ulong('section-offset'), 'section-offset'),
  } as const;
  fields.finish();
  return state;
}

function rejected(reader: ValueReader): DeliveryState {
  const fields = new FieldReader(reader, 'rejected');
  const state = { kind: 'rejected', error: fields.described('error', decodeError) } as const;
  fields.finish();
  return state;
}

function modified(reader: ValueReader): DeliveryState {
  const fields = new FieldReader(reader, 'modified');
  const state = {
    kind: 'modified',
    deliveryFailed: fields.boolean('delivery-failed'),
    undeliverableHere: fields.boolean('undeliverable-here'),
    messageAnnotations: fields.fields('message-annotations'),
  } as const;
  fields.finish();
  return state;
}

function empty(reader: ValueReader, kind: 'accepted' | 'released'): DeliveryState {
  new FieldReader(reader, kind).finish();
  return { kind };
}
