import { AmqpDescribed, AmqpSymbol } from '../../../../../src/network/amqp/codec/amqp-value.ts';
import type { Performative } from '../../../../../src/network/amqp/codec/performatives.ts';

/** The recordings' own way of writing a performative: names of the specification, nulls left out. */
export function summarize(performative: Performative): Record<string, unknown> {
  const { kind, ...fields } = performative;
  return { [kind]: fieldsOf(fields) };
}

const STATES = new Set(['received', 'accepted', 'rejected', 'released', 'modified']);
const SYMBOL_FIELDS = new Set(['expiryPolicy', 'distributionMode', 'mechanism', 'condition']);
const SYMBOL_LISTS = new Set([
  'capabilities',
  'offeredCapabilities',
  'desiredCapabilities',
  'mechanisms',
  'outcomes',
]);

function fieldsOf(fields: object): Record<string, unknown> {
  const summary: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) summary[hyphenated(name)] = fieldOf(name, value);
  }
  return summary;
}

function fieldOf(name: string, value: unknown): unknown {
  if (SYMBOL_FIELDS.has(name)) return `:${value as string}`;
  if (SYMBOL_LISTS.has(name)) return (value as string[]).map((item) => `:${item}`);
  if (name === 'source' || name === 'target' || name === 'error') {
    return { [`@${name}`]: fieldsOf(value as object) };
  }
  if (name === 'state' || name === 'defaultOutcome') return stateOf(value as { kind: string });
  return plain(value);
}

function stateOf(state: { kind: string }): unknown {
  const { kind, ...fields } = state;
  return { [`@${STATES.has(kind) ? kind : '?'}`]: fieldsOf(fields) };
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`;
  if (value instanceof AmqpSymbol) return `:${value.name}`;
  if (value instanceof AmqpDescribed) return { described: plain(value.value) };
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [plain(key), plain(item)]));
  }
  return Array.isArray(value) ? value.map(plain) : value;
}

function hyphenated(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
