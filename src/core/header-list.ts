import type { FieldSet } from './fields/field-set.ts';

/**
 * Field lines as received: `[name, value, name, value, …]`, in order, repeated names kept apart.
 * One flat array per message costs no object per field and no string per name,
 * and has no keys an attacker could choose. Names over HTTP/2 are lower case already.
 */
export type HeaderList = readonly string[];
/** The same while it is built. */
export type MutableHeaderList = string[];

/** True when `name` is `lowerName`, ASCII case aside (RFC 9110 5.1). `lowerName` must be lower case. */
function isFieldName(name: string, lowerName: string): boolean {
  return (
    name.length === lowerName.length && (name === lowerName || name.toLowerCase() === lowerName)
  );
}

/** The first value of the field, or undefined. Use `fieldValues` where a second line would matter. */
export function firstField(headers: HeaderList, lowerName: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if (isFieldName(headers[i]!, lowerName)) return headers[i + 1];
  }
  return undefined;
}

/** True when a line carries the field. */
export function hasField(headers: HeaderList, lowerName: string): boolean {
  return firstField(headers, lowerName) !== undefined;
}

/** Every value of the field, one per line, in order (R-51: policy sees each value). */
export function fieldValues(headers: HeaderList, lowerName: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (isFieldName(headers[i]!, lowerName)) values.push(headers[i + 1]!);
  }
  return values;
}

/** How many lines carry the field. */
export function countField(headers: HeaderList, lowerName: string): number {
  let count = 0;
  for (let i = 0; i < headers.length; i += 2) {
    if (isFieldName(headers[i]!, lowerName)) count += 1;
  }
  return count;
}

/** The members of a comma-separated list field over all its lines, trimmed, lower case, empties left out. */
export function listMembers(headers: HeaderList, lowerName: string): string[] {
  const members: string[] = [];
  for (const value of fieldValues(headers, lowerName)) {
    for (const part of value.split(',')) {
      const member = part.trim().toLowerCase();
      if (member !== '') members.push(member);
    }
  }
  return members;
}

/** The lines for which `keep` says true, as they are and in order. It gets the name in lower case. */
export function filterFields(
  headers: HeaderList,
  keep: (lowerName: string, value: string) => boolean,
): MutableHeaderList {
  const kept: MutableHeaderList = [];
  for (let i = 0; i < headers.length; i += 2) {
    const [name, value] = [headers[i]!, headers[i + 1]!];
    if (keep(name.toLowerCase(), value)) kept.push(name, value);
  }
  return kept;
}

/** All lines but those of the field. */
export function withoutField(headers: HeaderList, lowerName: string): MutableHeaderList {
  const kept: MutableHeaderList = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!isFieldName(headers[i]!, lowerName)) kept.push(headers[i]!, headers[i + 1]!);
  }
  return kept;
}

/** All lines but those of the fields. */
export function withoutFields(headers: HeaderList, fields: FieldSet): MutableHeaderList {
  const kept: MutableHeaderList = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!fields.hasInAnyCase(headers[i]!)) kept.push(headers[i]!, headers[i + 1]!);
  }
  return kept;
}

/** The same lines with lower-case names, as HTTP/2 writes them (RFC 9113 8.2). */
export function lowerNames(headers: HeaderList): MutableHeaderList {
  const lower: MutableHeaderList = [];
  for (let i = 0; i < headers.length; i += 2)
    lower.push(headers[i]!.toLowerCase(), headers[i + 1]!);
  return lower;
}

/** The lines as pairs, for libraries that take them so. */
export function fieldPairs(headers: HeaderList): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i]!, headers[i + 1]!]);
  return pairs;
}

/**
 * Lower-case name → values, for libraries that take nothing else. Without a prototype, so that no name of a
 * client's can reach one.
 */
export function fieldsByName(headers: HeaderList): Record<string, string[]> {
  const byName = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i < headers.length; i += 2) {
    (byName[headers[i]!.toLowerCase()] ??= []).push(headers[i + 1]!);
  }
  return byName;
}
