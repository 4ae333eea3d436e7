import { parseJson } from '../../core/exact-json.ts';
import { TIME_CLAIMS } from './claims.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Levels of objects and lists. */
const MAX_DEPTH = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The object that `octets` spell in UTF-8 JSON, or what is wrong in words that quote nothing: a
 * member named twice or `__proto__`, too many levels, a number beyond a double. Integers are
 * exact, as a bigint where a double would be another one.
 */
export function readJsonObject(octets: Uint8Array): JsonObject | string {
  let value: unknown;
  let text: string;
  try {
    text = utf8.decode(octets);
    value = parseJson(text, TIME_CLAIMS);
  } catch {
    return 'not JSON in UTF-8';
  }
  if (!isJsonObject(value)) return 'not a JSON object';
  return structureFault(text) ?? (isFinite(value) ? value : 'a number is not finite');
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Walks a text that JSON.parse accepted, so a string before a colon is always a member's name. */
function structureFault(text: string): string | undefined {
  const names: Set<string>[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{' || character === '[') names.push(new Set());
    else if (character === '}' || character === ']') names.pop();
    if (names.length > MAX_DEPTH) return `nested deeper than ${MAX_DEPTH}`;
    if (character !== '"') continue;
    const end = endOfString(text, at);
    if (isBeforeColon(text, end)) {
      const name = JSON.parse(text.slice(at, end)) as string;
      const members = names.at(-1)!;
      if (members.has(name)) return 'a member is named twice';
      if (name === '__proto__') return 'a member is named __proto__';
      members.add(name);
    }
    at = end - 1;
  }
  return undefined;
}

/** The position after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isBeforeColon(text: string, position: number): boolean {
  let at = position;
  while (' \t\r\n'.includes(text[at] ?? 'x')) at += 1;
  return text[at] === ':';
}

function isFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isFinite);
}
