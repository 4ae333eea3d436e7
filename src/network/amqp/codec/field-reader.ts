import { AmqpError } from './amqp-error.ts';
import { type AmqpFields, type AmqpValue, AmqpSymbol } from './amqp-value.ts';
import { readDescriptorValue } from './descriptors.ts';
import type { ValueReader } from './value-reader.ts';

/**
 * Reads the fields of a composite (AMQP 1.4) in their order. Null and missing are both undefined.
 * Each name is that of the specification, for messages.
 */
export class FieldReader {
  readonly #reader: ValueReader;
  readonly #composite: string;
  readonly #end: number;
  #left: number;

  /** The reader stands before the list's constructor. */
  constructor(reader: ValueReader, composite: string) {
    const constructor = reader.octet();
    if (constructor !== 0x45 && constructor !== 0xc0 && constructor !== 0xd0) {
      throw new AmqpError('amqp:decode-error', `${composite} is not a list`);
    }
    const { count, end } = reader.compound(constructor);
    this.#reader = reader;
    this.#composite = composite;
    this.#end = end;
    this.#left = count;
  }

  /** Skips fields of later versions; the list must end where its size says. */
  finish(): void {
    if (this.#left > this.#end - this.#reader.position) {
      throw new AmqpError(
        'amqp:decode-error',
        `${this.#composite} holds fewer fields than it says`,
      );
    }
    for (; this.#left > 0; this.#left -= 1) this.#reader.skipValue();
    this.#reader.expectEnd(this.#end);
  }

  /** The value, or an error that names the field. */
  required<Value>(value: Value | undefined, name: string): Value {
    if (value !== undefined) return value;
    throw new AmqpError('amqp:invalid-field', `${this.#composite} has no ${name}`);
  }

  boolean(name: string): boolean | undefined {
    const constructor = this.#next();
    if (constructor === undefined) return undefined;
    if (constructor === 0x41) return true;
    if (constructor === 0x42) return false;
    if (constructor === 0x56) return this.#reader.octet() !== 0;
    throw this.#mistyped(name, 'a boolean', constructor);
  }

  ubyte(name: string): number | undefined {
    const constructor = this.#next();
    if (constructor === undefined) return undefined;
    if (constructor === 0x50) return this.#reader.octet();
    throw this.#mistyped(name, 'a ubyte', constructor);
  }

  ushort(name: string): number | undefined {
    const constructor = this.#next();
    if (constructor === undefined) return undefined;
    if (constructor === 0x60) return this.#reader.uint16();
    throw this.#mistyped(name, 'a ushort', constructor);
  }

  uint(name: string): number | undefined {
    const constructor = this.#next();
    if (constructor === undefined) return undefined;
    if (constructor === 0x52) return this.#reader.octet();
    if (constructor === 0x43) return 0;
    if (constructor === 0x70) return this.#reader.uint32();
    throw this.#mistyped(name, 'a uint', constructor);
  }

  /** Rounded beyond 2^53: no stream of ours gets there. */
  ulong(name: string): number | undefined {
    const constructor = this.#next();
    if (constructor === undefined) return undefined;
    if (constructor === 0x53) return this.#reader.octet();
    if (constructor === 0x44) return 0;
    if (constructor === 0x80) return this.#reader.uint32() * 2 ** 32 + this.#reader.uint32();
    throw this.#mistyped(name, 'a ulong', constructor);
  }

  binary(name: string): Buffer | undefined {
    const constructor = this.#next();
    if (constructor === undefined) return undefined;
    if (constructor !== 0xa0 && constructor !== 0xb0) {
      throw this.#mistyped(name, 'a binary', constructor);
    }
    return this.#reader.view(this.#reader.size(constructor));
  }

  /** A string or a symbol: peers use both for addresses and content types. */
  text(name: string): string | undefined {
    const constructor = this.#next();
    if (constructor === undefined) return undefined;
    if (constructor === 0xa1 || constructor === 0xb1) {
      return this.#reader.text(this.#reader.size(constructor));
    }
    if (constructor === 0xa3 || constructor === 0xb3) {
      return this.#reader.symbol(this.#reader.size(constructor));
    }
    throw this.#mistyped(name, 'a string or symbol', constructor);
  }

  /** A `multiple` field: one symbol or an array of them. */
  symbols(name: string): readonly string[] | undefined {
    const constructor = this.#next();
    if (constructor === undefined) return undefined;
    const value = this.#reader.valueOf(constructor);
    const items: readonly AmqpValue[] = Array.isArray(value) ? value : [value];
    return items.map((item) => {
      if (item instanceof AmqpSymbol) return item.name;
      throw this.#mistyped(name, 'symbols', constructor);
    });
  }

  fields(name: string): AmqpFields | undefined {
    const constructor = this.#next();
    if (constructor === undefined) return undefined;
    if (constructor === 0xc1 || constructor === 0xd1) return this.#reader.fields(constructor);
    throw this.#mistyped(name, 'a map', constructor);
  }

  any(): AmqpValue | undefined {
    const constructor = this.#next();
    return constructor === undefined ? undefined : this.#reader.valueOf(constructor);
  }

  /** A described value; `read` gets its descriptor code and must consume the value. */
  described<Value>(name: string, read: (reader: ValueReader, code: number) => Value) {
    const constructor = this.#next();
    if (constructor === undefined) return undefined;
    if (constructor !== 0x00) throw this.#mistyped(name, 'a described value', constructor);
    const code = readDescriptorValue(this.#reader);
    return read(this.#reader, code);
  }

  /** The next constructor; undefined for null and past the last field. */
  #next(): number | undefined {
    if (this.#left === 0) return undefined;
    this.#left -= 1;
    const constructor = this.#reader.octet();
    return constructor === 0x40 ? undefined : constructor;
  }

  #mistyped(name: string, wanted: string, constructor: number): AmqpError {
    const found = `0x${constructor.toString(16).padStart(2, '0')}`;
    const text = `${this.#composite} ${name}: found constructor ${found}, wanted ${wanted}`;
    return new AmqpError('amqp:decode-error', text);
  }
}
