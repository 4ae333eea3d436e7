import { STATUS_CODES } from 'node:http';
import { hasField } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { Refusal } from '../core/refusal.ts';
import { OWN_PAGE_FIELDS } from './own-page.ts';
import { privateFields } from './private-fields.ts';
import { refusalPage, typeOf } from './refusal-page.ts';
import type { RefusalPageContext } from './refusal-page.ts';
import { retryWords } from './retry-words.ts';
import { codeText } from '../telemetry/names/names.ts';
import type { ErrorsPolicy } from '../policy/snapshot/snapshot.ts';
import { prefersHtml } from './prefers-html.ts';

/** A response of our own, ready for a `ResponseSink`. */
export interface RefusalResponse {
  readonly status: number;
  readonly headers: HeaderList;
  /** Empty when `bodyless`; `length` is then what a GET would have got. */
  readonly body: Uint8Array;
  readonly length: number;
  readonly bodyless: boolean;
  readonly closeConnection: boolean;
}

export interface RefusalContext {
  readonly exchangeId: string;
  /** Undefined when the request line could not be read. */
  readonly method: string | undefined;
  /** Of the request; empty when they could not be read. */
  readonly requestHeaders: HeaderList;
  /** The policy's HSTS value on https, undefined elsewhere (J1). */
  readonly hsts: string | undefined;
  readonly nowMs: number;
  /** What the policy says of answers like this. */
  readonly errors: ErrorsPolicy;
}

/** A 503 says when to come back; routers reconnect within two seconds, and a drained replica is replaced. */
const UNAVAILABLE_RETRY_SECONDS = '5';

const encoder = new TextEncoder();

/**
 * The one place where a refusal becomes status, fields and body: problem+json (RFC 9457), or a page
 * without scripts for a browser's navigation. Carries code, sentence and id; the reason only where the policy makes it public.
 */
export function refusalResponse(refusal: Refusal, context: RefusalContext): RefusalResponse {
  const isPage = prefersHtml(methodForPage(refusal, context), context.requestHeaders);
  const headers = responseFields(refusal, context, isPage);
  const told = {
    exchangeId: context.exchangeId,
    retry: retryWords(headers),
    isDetailPublic: context.errors.isDetailPublic,
  };
  const text = isPage ? refusalPage(refusal, told) : problemJson(refusal, told);
  const body = encoder.encode(text);
  const bodyless = context.method === 'HEAD';
  return {
    status: refusal.status,
    headers,
    body: bodyless ? new Uint8Array(0) : body,
    length: body.length,
    bodyless,
    closeConnection: refusal.closeConnection ?? false,
  };
}

/** A form that met an ended session gets a page too: somebody is looking, and can log in again. */
function methodForPage({ members }: Refusal, { method }: RefusalContext): string | undefined {
  return method === 'POST' && members?.['login'] !== undefined ? 'GET' : method;
}

/** `type` is the page of the code, on this host; the title is the status phrase (RFC 9457 3.1). */
function problemJson(refusal: Refusal, context: RefusalPageContext): string {
  const { code, status, sentence, reason, members } = refusal;
  const { retry, isDetailPublic = false } = context;
  return JSON.stringify({
    ...members,
    type: typeOf(code) ?? 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: sentence,
    ...(retry !== undefined && { retry: `Wait ${retry}, then try again.` }),
    ...(isDetailPublic && {
      reason: reason?.code,
      why: reason?.detail,
      remedy: codeText(code)?.act,
    }),
    code,
    id: context.exchangeId,
  });
}

function responseFields(refusal: Refusal, context: RefusalContext, isPage: boolean): HeaderList {
  const own = refusal.headers ?? [];
  const headers = [
    ...privateFields(context.nowMs, context.hsts),
    ...(isPage ? OWN_PAGE_FIELDS : ['content-type', 'application/problem+json']),
    'fairlead-decision',
    decisionField(refusal.code, context.exchangeId),
  ];
  if (refusal.status === 503 && !hasField(own, 'retry-after')) {
    headers.push('retry-after', UNAVAILABLE_RETRY_SECONDS);
  }
  return [...headers, ...own];
}

/** The value of Fairlead-Decision, an item of RFC 9651; codes and ids hold no character that needs an escape. */
export function decisionField(code: string, exchangeId: string): string {
  return `deny;reason="${code}";id="${exchangeId}"`;
}
