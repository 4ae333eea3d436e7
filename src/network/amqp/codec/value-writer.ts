import { type AmqpFields, type AmqpValue, AmqpDescribed, AmqpSymbol } from './amqp-value.ts';

/** Frames are cut out of slabs, so a small frame costs no allocation of its own. */
const SLAB_BYTES = 16_384;
const MAX_UINT = 0xffff_ffff;

/** Writes AMQP values into a slab; `take` hands out what was written since the last `take`. */
export class ValueWriter {
  #slab: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #start = 0;
  position = 0;

  /** The octets written since the last call; the caller owns them. */
  take(): Buffer {
    const taken = this.#slab.subarray(this.#start, this.position);
    this.#start = this.position;
    return taken;
  }

  get length(): number {
    return this.position - this.#start;
  }

  /** Offset within the octets not yet taken, for `patch`: a slab change moves positions. */
  patch(offset: number, uint32: number): void {
    this.#slab.writeUInt32BE(uint32, this.#start + offset);
  }

  /** Gives up everything after `length` octets. */
  truncate(length: number): void {
    this.position = this.#start + length;
  }

  octet(value: number): void {
    this.#reserve(1);
    this.#slab[this.position] = value;
    this.position += 1;
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.position = this.#slab.writeUInt16BE(value, this.position);
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.position = this.#slab.writeUInt32BE(value, this.position);
  }

  octets(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#slab.set(value, this.position);
    this.position += value.length;
  }

  null(): void {
    this.octet(0x40);
  }

  boolean(value: boolean): void {
    this.octet(value ? 0x41 : 0x42);
  }

  ubyte(value: number): void {
    this.octet(0x50);
    this.octet(value);
  }

  ushort(value: number): void {
    this.octet(0x60);
    this.uint16(value);
  }

  uint(value: number): void {
    if (value === 0) return this.octet(0x43);
    if (value > 0xff) {
      this.octet(0x70);
      return this.uint32(value);
    }
    this.octet(0x52);
    this.octet(value);
  }

  ulong(value: number | bigint): void {
    if (value === 0 || value === 0n) return this.octet(0x44);
    if (value > 0xff) return this.#wide(0x80, BigInt.asUintN(64, BigInt(value)));
    this.octet(0x53);
    this.octet(Number(value));
  }

  string(value: string): void {
    this.#variable(0xa1, Buffer.from(value, 'utf8'));
  }

  symbol(value: string): void {
    this.#variable(0xa3, Buffer.from(value, 'latin1'));
  }

  binary(value: Uint8Array): void {
    this.#variable(0xa0, value);
  }

  /** An array of symbols, as every `multiple` field of ours is sent. */
  symbols(values: readonly string[]): void {
    const start = this.#open(0xf0, values.length);
    this.octet(0xb3);
    for (const value of values) {
      const octets = Buffer.from(value, 'latin1');
      this.uint32(octets.length);
      this.octets(octets);
    }
    this.#close(start);
  }

  fields(value: AmqpFields): void {
    const start = this.#open(0xd1, value.size * 2);
    for (const [key, item] of value) {
      this.symbol(key);
      this.value(item);
    }
    this.#close(start);
  }

  /** Numbers become uint, int, ulong, long or double, whichever holds them exactly. */
  value(value: AmqpValue): void {
    if (value === null) return this.null();
    if (typeof value === 'boolean') return this.boolean(value);
    if (typeof value === 'number') return this.#number(value);
    if (typeof value === 'bigint') return this.#bigint(value);
    if (typeof value === 'string') return this.string(value);
    if (value instanceof AmqpSymbol) return this.symbol(value.name);
    if (value instanceof Uint8Array) return this.binary(value);
    if (value instanceof AmqpDescribed) return this.#described(value);
    if (value instanceof Map) return this.#map(value);
    this.#list(value as readonly AmqpValue[]);
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return this.#double(value);
    if (value >= 0 && value <= MAX_UINT) return this.uint(value);
    this.#bigint(BigInt(value));
  }

  #bigint(value: bigint): void {
    if (value >= 0n) return this.ulong(value);
    this.#wide(0x81, BigInt.asUintN(64, value));
  }

  #double(value: number): void {
    this.octet(0x82);
    this.#reserve(8);
    this.position = this.#slab.writeDoubleBE(value, this.position);
  }

  #described(value: AmqpDescribed): void {
    this.octet(0x00);
    if (typeof value.descriptor === 'number') this.ulong(value.descriptor);
    else this.value(value.descriptor);
    this.value(value.value);
  }

  #map(value: ReadonlyMap<AmqpValue, AmqpValue>): void {
    const start = this.#open(0xd1, value.size * 2);
    for (const [key, item] of value) {
      this.value(key);
      this.value(item);
    }
    this.#close(start);
  }

  #list(value: readonly AmqpValue[]): void {
    if (value.length === 0) return this.octet(0x45);
    const start = this.#open(0xd0, value.length);
    for (const item of value) this.value(item);
    this.#close(start);
  }

  /** Begins a compound of 32-bit sizes; its size is patched by `#close`. */
  #open(constructor: number, count: number): number {
    this.octet(constructor);
    const start = this.length;
    this.uint32(0);
    this.uint32(count);
    return start;
  }

  #close(start: number): void {
    this.patch(start, this.length - start - 4);
  }

  #variable(shortConstructor: number, octets: Uint8Array): void {
    const isShort = octets.length <= 0xff;
    this.octet(isShort ? shortConstructor : shortConstructor + 0x10);
    if (isShort) this.octet(octets.length);
    else this.uint32(octets.length);
    this.octets(octets);
  }

  #wide(constructor: number, value: bigint): void {
    this.octet(constructor);
    this.#reserve(8);
    this.position = this.#slab.writeBigUInt64BE(value, this.position);
  }

  #reserve(length: number): void {
    if (this.position + length <= this.#slab.length) return;
    const kept = this.length;
    const slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * (kept + length)));
    this.#slab.copy(slab, 0, this.#start, this.position);
    this.#slab = slab;
    this.#start = 0;
    this.position = kept;
  }
}
