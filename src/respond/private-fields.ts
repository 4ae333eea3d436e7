import type { MutableHeaderList } from '../core/header-list.ts';
import { httpDate } from './http-date.ts';

/**
 * The first fields of every answer of ours: kept nowhere, read as nothing but its type, and no other site
 * learns the address, which may hold a code or a token (A6). `hsts` is the policy's on https (J1).
 */
export function privateFields(nowMs: number, hsts: string | undefined): MutableHeaderList {
  const fields = [
    'date',
    httpDate(nowMs),
    'cache-control',
    'no-store',
    'referrer-policy',
    'no-referrer',
    'x-content-type-options',
    'nosniff',
  ];
  if (hsts !== undefined) fields.push('strict-transport-security', hsts);
  return fields;
}
