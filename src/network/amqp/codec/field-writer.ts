import type { AmqpFields, AmqpValue } from './amqp-value.ts';
import type { ValueWriter } from './value-writer.ts';

/**
 * Writes the fields of a composite in their order, undefined as null, trailing nulls left out
 * (AMQP 1.4). The list is written with 32-bit sizes, as the routers do, so nothing moves afterwards.
 */
export class FieldWriter {
  readonly #writer: ValueWriter;
  readonly #start: number;
  #count = 0;
  /** Count and length up to the last field that was not null. */
  #keptCount = 0;
  #keptLength: number;

  constructor(writer: ValueWriter, descriptor: number) {
    writer.octet(0x00);
    writer.ulong(descriptor);
    this.#writer = writer;
    this.#start = writer.length;
    writer.octet(0xd0);
    writer.uint32(0);
    writer.uint32(0);
    this.#keptLength = writer.length;
  }

  finish(): void {
    if (this.#keptCount === 0) {
      this.#writer.truncate(this.#start);
      return this.#writer.octet(0x45);
    }
    this.#writer.truncate(this.#keptLength);
    this.#writer.patch(this.#start + 1, this.#keptLength - this.#start - 5);
    this.#writer.patch(this.#start + 5, this.#keptCount);
  }

  boolean(value: boolean | undefined): void {
    if (value === undefined) return this.#null();
    this.#writer.boolean(value);
    this.#keep();
  }

  ubyte(value: number | undefined): void {
    if (value === undefined) return this.#null();
    this.#writer.ubyte(value);
    this.#keep();
  }

  ushort(value: number | undefined): void {
    if (value === undefined) return this.#null();
    this.#writer.ushort(value);
    this.#keep();
  }

  uint(value: number | undefined): void {
    if (value === undefined) return this.#null();
    this.#writer.uint(value);
    this.#keep();
  }

  ulong(value: number | undefined): void {
    if (value === undefined) return this.#null();
    this.#writer.ulong(value);
    this.#keep();
  }

  binary(value: Uint8Array | undefined): void {
    if (value === undefined) return this.#null();
    this.#writer.binary(value);
    this.#keep();
  }

  string(value: string | undefined): void {
    if (value === undefined) return this.#null();
    this.#writer.string(value);
    this.#keep();
  }

  symbol(value: string | undefined): void {
    if (value === undefined) return this.#null();
    this.#writer.symbol(value);
    this.#keep();
  }

  symbols(value: readonly string[] | undefined): void {
    if (value === undefined) return this.#null();
    this.#writer.symbols(value);
    this.#keep();
  }

  fields(value: AmqpFields | undefined): void {
    if (value === undefined) return this.#null();
    this.#writer.fields(value);
    this.#keep();
  }

  any(value: AmqpValue | undefined): void {
    if (value === undefined || value === null) return this.#null();
    this.#writer.value(value);
    this.#keep();
  }

  described<Value>(
    value: Value | undefined,
    write: (writer: ValueWriter, value: Value) => void,
  ): void {
    if (value === undefined) return this.#null();
    write(this.#writer, value);
    this.#keep();
  }

  #null(): void {
    this.#writer.null();
    this.#count += 1;
  }

  #keep(): void {
    this.#count += 1;
    this.#keptCount = this.#count;
    this.#keptLength = this.#writer.length;
  }
}
