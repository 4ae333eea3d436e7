import { FieldWriter } from './field-writer.ts';
import type { DeliveryState, ErrorValue, Source, Target, Terminus } from './performatives.ts';
import type { ValueWriter } from './value-writer.ts';

/** AMQP 3.4. `unknown` cannot be sent: nobody of ours makes one. */
export function encodeState(writer: ValueWriter, state: DeliveryState): void {
  switch (state.kind) {
    case 'received':
      return encodeReceived(writer, state.sectionNumber, state.sectionOffset);
    case 'accepted':
      return new FieldWriter(writer, 0x24).finish();
    case 'rejected':
      return encodeRejected(writer, state.error);
    case 'released':
      return new FieldWriter(writer, 0x26).finish();
    case 'modified':
      return encodeModified(writer, state);
    case 'unknown':
      return writer.null();
  }
}

/** AMQP 2.8.14. */
export function encodeError(writer: ValueWriter, error: ErrorValue): void {
  const fields = new FieldWriter(writer, 0x1d);
  fields.symbol(error.condition);
  fields.string(error.description);
  fields.fields(error.info);
  fields.finish();
}

/** AMQP 3.5.3. */
export function encodeSource(writer: ValueWriter, source: Source): void {
  const fields = new FieldWriter(writer, 0x28);
  encodeTerminus(fields, source);
  fields.symbol(source.distributionMode);
  fields.any(source.filter);
  fields.described(source.defaultOutcome, encodeState);
  fields.symbols(source.outcomes);
  fields.symbols(source.capabilities);
  fields.finish();
}

/** AMQP 3.5.4. */
export function encodeTarget(writer: ValueWriter, target: Target): void {
  const fields = new FieldWriter(writer, 0x29);
  encodeTerminus(fields, target);
  fields.symbols(target.capabilities);
  fields.finish();
}

function encodeTerminus(fields: FieldWriter, terminus: Terminus): void {
  fields.string(terminus.address);
  fields.uint(terminus.durable);
  fields.symbol(terminus.expiryPolicy);
  fields.uint(terminus.timeout);
  fields.boolean(terminus.dynamic);
  fields.fields(terminus.dynamicNodeProperties);
}

function encodeReceived(writer: ValueWriter, sectionNumber: number, sectionOffset: number): void {
  const fields = new FieldWriter(writer, 0x23);
  fields.uint(sectionNumber);
  fields.ulong(sectionOffset);
  fields.finish();
}

function encodeRejected(writer: ValueWriter, error: ErrorValue | undefined): void {
  const fields = new FieldWriter(writer, 0x25);
  fields.described(error, encodeError);
  fields.finish();
}

function encodeModified(
  writer: ValueWriter,
  state: Extract<DeliveryState, { kind: 'modified' }>,
): void {
  const fields = new FieldWriter(writer, 0x27);
  fields.boolean(state.deliveryFailed);
  fields.boolean(state.undeliverableHere);
  fields.fields(state.messageAnnotations);
  fields.finish();
}
