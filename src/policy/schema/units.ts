import { isIP } from 'node:net';
import { DURATION_PATTERN, UNIT_MS } from '../../core/duration.ts';
import type { ListenAddress, Rate } from '../snapshot/snapshot.ts';

/**
 * Texts with a unit become numbers here. Each function takes a text that its pattern has accepted, or
 * returns undefined; bounds are in the patterns and below.
 */
export const SIZE_PATTERN = /^(\d{1,9})(B|KiB|MiB|GiB)$/;
export const RATE_PATTERN = /^([1-9]\d{0,8})\/(s|m|h|d)$/;
export const BYTE_RATE_PATTERN = /^([1-9]\d{0,8})(B|KiB|MiB|GiB)\/s$/;

/** A timer of Node holds 2^31 - 1 ms; a longer wait would fire at once. */
const MAX_DURATION_MS = 2_147_483_647;

const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Milliseconds of `30s`; undefined when it is no duration or longer than a timer can wait. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text);
  if (match === null) return undefined;
  const ms = Number(match[1]) * UNIT_MS[match[2]!]!;
  return ms <= MAX_DURATION_MS ? ms : undefined;
}

/** `90s` of 90000: the largest unit that divides it. */
export function durationText(ms: number): string {
  return inLargestUnit(ms, UNIT_MS);
}

/** `10MiB` of 10485760. */
export function sizeText(octets: number): string {
  return inLargestUnit(octets, UNIT_BYTES);
}

/** `1MiB/s` of 1048576. */
export function byteRateText(octetsPerSecond: number): string {
  return `${sizeText(octetsPerSecond)}/s`;
}

function inLargestUnit(amount: number, units: Readonly<Record<string, number>>): string {
  const [unit, size] = Object.entries(units).findLast(([, each]) => amount % each === 0)!;
  return `${amount / size}${unit}`;
}

/** As it is written in a policy: the port alone where no address is named. */
export function listenText({ address, port }: ListenAddress): string | number {
  return address === undefined ? port : `${address}:${port}`;
}

/** Octets of `10MiB`. */
export function parseSize(text: string): number | undefined {
  const match = SIZE_PATTERN.exec(text);
  return match === null ? undefined : Number(match[1]) * UNIT_BYTES[match[2]!]!;
}

export function parseRate(text: string): Rate | undefined {
  const match = RATE_PATTERN.exec(text);
  if (match === null) return undefined;
  return { amount: Number(match[1]), windowMs: UNIT_MS[match[2]!]!, text };
}

/** Octets per second of `240B/s`. */
export function parseByteRate(text: string): number | undefined {
  const match = BYTE_RATE_PATTERN.exec(text);
  return match === null ? undefined : Number(match[1]) * UNIT_BYTES[match[2]!]!;
}

/** `8443`, `"127.0.0.1:9090"` or `"[::1]:9090"`; port 0 lets the system choose. */
export function parseListenAddress(value: string | number): ListenAddress | undefined {
  if (typeof value === 'number')
    return isPort(value) ? { address: undefined, port: value } : undefined;
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):)?(\d{1,5})$/.exec(value);
  if (match === null || !isPort(Number(match[3]))) return undefined;
  const [, v6, other] = match;
  if (v6 !== undefined && isIP(v6) !== 6) return undefined;
  if (other !== undefined && !isAddressOrName(other)) return undefined;
  return { address: v6 ?? other, port: Number(match[3]) };
}

/** A name whose last label is a number is an IPv4 address, or nothing (WHATWG URL 3.5). */
function isAddressOrName(text: string): boolean {
  if (isIP(text) === 4) return true;
  const labels = text.split('.');
  return (
    labels.every((label) => LABEL.test(label)) && !/^(\d+|0[xX][0-9a-fA-F]*)$/.test(labels.at(-1)!)
  );
}

/** RFC 1123 2.1. */
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535;
}
