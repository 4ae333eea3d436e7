import { isAscii, isUtf8 } from 'node:buffer';
import { AmqpError } from './amqp-error.ts';
import { type AmqpFields, type AmqpValue, AmqpDescribed, AmqpSymbol } from './amqp-value.ts';
import { MAX_NESTING, nestingError, valueEnd } from './extent.ts';
import { readNumeric } from './numeric.ts';

/** Array elements without octets of their own cost nothing on the wire, so their count has a ceiling. */
const MAX_EMPTY_ELEMENTS = 1024;

/** Reads AMQP values (part 1) one after the other; every read is bounds-checked, binaries are views. */
export class ValueReader {
  readonly octets: Buffer;
  position: number;
  readonly end: number;

  constructor(octets: Buffer, position = 0, end = octets.length) {
    this.octets = octets;
    this.position = position;
    this.end = end;
  }

  /** Consumes the constructor or any single octet. */
  octet(): number {
    return this.octets[this.#advance(1)]!;
  }

  uint16(): number {
    return this.octets.readUInt16BE(this.#advance(2));
  }

  uint32(): number {
    return this.octets.readUInt32BE(this.#advance(4));
  }

  /** A view of the next octets, not a copy. */
  view(length: number): Buffer {
    const start = this.#advance(length);
    return this.octets.subarray(start, start + length);
  }

  text(length: number): string {
    const start = this.#advance(length);
    const text = this.octets.toString('utf8', start, start + length);
    // Decoding replaces what is not UTF-8, so only a text with that mark needs the check.
    if (text.includes('\ufffd') && !isUtf8(this.octets.subarray(start, start + length))) {
      throw new AmqpError('amqp:decode-error', 'string is not UTF-8');
    }
    return text;
  }

  symbol(length: number): string {
    const view = this.view(length);
    if (!isAscii(view)) throw new AmqpError('amqp:decode-error', 'symbol is not ASCII');
    return view.toString('latin1');
  }

  skipValue(): void {
    const end = valueEnd(this.octets, this.position);
    if (end === undefined || end > this.end) throw truncated();
    this.position = end;
  }

  value(depth = 0): AmqpValue {
    return this.valueOf(this.octet(), depth);
  }

  /** The value whose constructor was already read. */
  valueOf(constructor: number, depth = 0): AmqpValue {
    if (depth > MAX_NESTING) throw nestingError();
    switch (constructor) {
      case 0x00:
        return new AmqpDescribed(this.value(depth + 1), this.value(depth + 1));
      case 0x40:
        return null;
      case 0xa0:
      case 0xb0:
        return this.view(this.size(constructor));
      case 0xa1:
      case 0xb1:
        return this.text(this.size(constructor));
      case 0xa3:
      case 0xb3:
        return new AmqpSymbol(this.symbol(this.size(constructor)));
      case 0x45:
      case 0xc0:
      case 0xd0:
        return this.#list(constructor, depth);
      case 0xc1:
      case 0xd1:
        return this.#map(constructor, depth);
      case 0xe0:
      case 0xf0:
        return this.#array(constructor, depth);
      default:
        return readNumeric(this, constructor);
    }
  }

  /** The length octets of a sized type: one when the high nibble is even, four when it is odd. */
  size(constructor: number): number {
    return constructor & 0x10 ? this.uint32() : this.octet();
  }

  /** A map whose keys are symbols, or strings, which routers take for symbols in places. */
  fields(constructor: number): AmqpFields {
    const map = this.valueOf(constructor);
    if (!(map instanceof Map)) throw new AmqpError('amqp:decode-error', 'found no map of fields');
    const fields = new Map<string, AmqpValue>();
    for (const [key, value] of map as ReadonlyMap<AmqpValue, AmqpValue>) {
      fields.set(fieldKey(key), value);
    }
    return fields;
  }

  /** Opens a compound and says how many values it holds; they end exactly at `end`. */
  compound(constructor: number): { readonly count: number; readonly end: number } {
    if (constructor === 0x45) return { count: 0, end: this.position };
    const size = this.size(constructor);
    const end = this.position + size;
    if (end > this.end) throw truncated();
    const count = this.size(constructor);
    if (this.position > end) throw truncated();
    return { count, end };
  }

  #list(constructor: number, depth: number): AmqpValue[] {
    const { count, end } = this.compound(constructor);
    if (count > end - this.position) throw miscounted(count);
    const items: AmqpValue[] = [];
    for (let i = 0; i < count; i += 1) items.push(this.value(depth + 1));
    this.expectEnd(end);
    return items;
  }

  #map(constructor: number, depth: number): ReadonlyMap<AmqpValue, AmqpValue> {
    const { count, end } = this.compound(constructor);
    if (count % 2 !== 0 || count > end - this.position) throw miscounted(count);
    const entries = new Map<AmqpValue, AmqpValue>();
    for (let i = 0; i < count; i += 2) {
      const key = this.value(depth + 1);
      entries.set(key, this.value(depth + 1));
    }
    this.expectEnd(end);
    return entries;
  }

  #array(constructor: number, depth: number): AmqpValue[] {
    const { count, end } = this.compound(constructor);
    const element = this.octet();
    const descriptor = element === 0x00 ? this.value(depth + 1) : undefined;
    const type = element === 0x00 ? this.octet() : element;
    const isEmptyType = type >> 4 === 4;
    if (count > (isEmptyType ? MAX_EMPTY_ELEMENTS : end - this.position)) throw miscounted(count);
    const items: AmqpValue[] = [];
    for (let i = 0; i < count; i += 1) {
      const item = this.valueOf(type, depth + 1);
      items.push(descriptor === undefined ? item : new AmqpDescribed(descriptor, item));
    }
    this.expectEnd(end);
    return items;
  }

  expectEnd(end: number): void {
    if (this.position === end) return;
    const text = `compound ends at octet ${this.position}, its size says ${end}`;
    throw new AmqpError('amqp:decode-error', text);
  }

  #advance(length: number): number {
    const start = this.position;
    if (length > this.end - start) throw truncated();
    this.position = start + length;
    return start;
  }
}

function fieldKey(key: AmqpValue): string {
  if (key instanceof AmqpSymbol) return key.name;
  if (typeof key === 'string') return key;
  throw new AmqpError('amqp:decode-error', 'key of a fields map is no symbol');
}

function truncated(): AmqpError {
  return new AmqpError('amqp:decode-error', 'value goes on beyond its frame or compound');
}

function miscounted(count: number): AmqpError {
  return new AmqpError('amqp:decode-error', `compound cannot hold ${count} values`);
}
