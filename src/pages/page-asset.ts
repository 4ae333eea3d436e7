import type { Refusal } from '../core/refusal.ts';
import { httpDate, sendOwnResponse } from '../respond/respond.ts';
import type { PageAsset } from '../respond/respond.ts';
import { NO_BODY, notAllowed } from './own-request.ts';
import type { OwnRequest } from './own-request.ts';

/** An SVG that somebody opens by itself is a document: it must not run anything on this host. */
const SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** The stylesheet and the logo of our pages. The name changes with the content, so browsers keep them for a year. */
export function servePageAsset(
  { exchange }: OwnRequest,
  { contentType, octets }: PageAsset,
  nowMs: number,
): Refusal | undefined {
  const { method } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD') return notAllowed(['GET', 'HEAD']);
  const { hsts } = exchange;
  const headers = [
    'date',
    httpDate(nowMs),
    'cache-control',
    'public, max-age=31536000, immutable',
    'content-type',
    contentType,
    'content-security-policy',
    SANDBOX,
    'x-content-type-options',
    'nosniff',
    ...(hsts === undefined ? [] : ['strict-transport-security', hsts]),
  ];
  const bodyless = method === 'HEAD';
  const body = bodyless ? NO_BODY : octets;
  sendOwnResponse(exchange.sink, { status: 200, headers, body, length: octets.length, bodyless });
  return undefined;
}
