/**
 * Values whose type the frame decides: map entries, filters, annotations. Integers beyond 2^53 are
 * bigint; lists and arrays are both arrays; timestamps and characters are numbers; decimals and
 * UUIDs are their octets.
 */
export type AmqpValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | AmqpSymbol
  | AmqpDescribed
  | Uint8Array
  | readonly AmqpValue[]
  | ReadonlyMap<AmqpValue, AmqpValue>;

/** A map with symbol keys (AMQP 2.8.6 `fields`), its keys as plain strings. */
export type AmqpFields = ReadonlyMap<string, AmqpValue>;

export class AmqpSymbol {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export class AmqpDescribed {
  readonly descriptor: AmqpValue;
  readonly value: AmqpValue;

  constructor(descriptor: AmqpValue, value: AmqpValue) {
    this.descriptor = descriptor;
    this.value = value;
  }
}
