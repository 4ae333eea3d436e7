import { decodeState } from './decode-state.ts';
import { FieldReader } from './field-reader.ts';
import type { Source, Target, Terminus } from './performatives.ts';
import type { ValueReader } from './value-reader.ts';

/** AMQP 3.5.3; undefined for a terminus of another kind, which is skipped. */
export function decodeSource(reader: ValueReader, code: number): Source | undefined {
  if (code !== 0x28) return skipped(reader);
  const fields = new FieldReader(reader, 'source');
  const source = {
    ...commonFields(fields),
    distributionMode: fields.text('distribution-mode'),
    filter: fields.any(),
    defaultOutcome: fields.described('default-outcome', decodeState),
    outcomes: fields.symbols('outcomes'),
    capabilities: fields.symbols('capabilities'),
  };
  fields.finish();
  return source;
}

/** AMQP 3.5.4. */
export function decodeTarget(reader: ValueReader, code: number): Target | undefined {
  if (code !== 0x29) return skipped(reader);
  const fields = new FieldReader(reader, 'target');
  const target = { ...commonFields(fields), capabilities: fields.symbols('capabilities') };
  fields.finish();
  return target;
}

function commonFields(fields: FieldReader): Terminus {
  return {
    address: fields.text('address'),
    durable: fields.uint('durable'),
    expiryPolicy: fields.text('expiry-policy'),
    timeout: fields.uint('timeout'),
    dynamic: fields.boolean('dynamic'),
    dynamicNodeProperties: fields.fields('dynamic-node-properties'),
  };
}

function skipped(reader: ValueReader): undefined {
  reader.skipValue();
  return undefined;
}
