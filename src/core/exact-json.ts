/** A number in JSON and in YAML 1.2 core: sign, whole part, fraction, exponent. */
const NUMBER = /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d+))?$/;
/**
 * A number that a double may not keep: sixteen characters or an exponent, where JSON has a value. Fifteen
 * digits always survive (IEEE 754), so most texts are parsed without a second look.
 */
const SUSPICIOUS = /(?:^|[:,[])\s*-?(?:\d[\d.]{15}|[\d.]+[eE])/;
const NO_NAMES: ReadonlySet<string> = new Set();
/** Node has it, TypeScript's library not yet: a text that `JSON.stringify` writes as it is. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * `JSON.parse`, but no number becomes another: an integer beyond 2^53 is a bigint, a fraction with more
 * digits than a double keeps is null. `rounded` names the members for which the nearest double will do.
 */
export function parseJson(text: string, rounded: ReadonlySet<string> = NO_NAMES): unknown {
  if (!SUSPICIOUS.test(text)) return JSON.parse(text);
  const revive: Reviver = (key, value, { source }) => {
    if (typeof value !== 'number' || source === undefined) return value;
    return exactNumber(source) ?? (rounded.has(key) ? value : null);
  };
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

/** `JSON.stringify` that writes a bigint as the integer it is, so that `parseJson` gives the same value again. */
export function stringifyJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? rawJSON(String(member)) : member,
  );
}

/**
 * The number that `text` spells: a bigint for an integer beyond 2^53, infinite beyond a double, undefined for
 * a fraction whose digits a double does not keep.
 */
export function exactNumber(text: string): number | bigint | undefined {
  const value = Number(text);
  const decimal = decimalOf(text);
  if (decimal === undefined || !Number.isFinite(value)) return value;
  if (decimal.exponent < 0) return isSame(decimal, decimalOf(String(value))!) ? value : undefined;
  if (Number.isSafeInteger(value)) return value;
  const magnitude = BigInt(decimal.digits) * 10n ** BigInt(decimal.exponent);
  return text.startsWith('-') ? -magnitude : magnitude;
}

/** `digits` × 10^`exponent`; no zero at either end of the digits, so equal numbers are equal texts. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

function decimalOf(text: string): Decimal | undefined {
  const parts = NUMBER.exec(text);
  if (parts === null) return undefined;
  const [, , whole = '', fraction = '', exponent = '0'] = parts;
  const significant = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = significant.replace(/0+$/, '');
  if (digits === '') return { digits: '0', exponent: 0 };
  const zeros = significant.length - digits.length;
  return { digits, exponent: Number(exponent) - fraction.length + zeros };
}

function isSame(left: Decimal, right: Decimal): boolean {
  return left.digits === right.digits && left.exponent === right.exponent;
}
