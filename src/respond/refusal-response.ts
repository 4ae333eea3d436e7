import { STATUS_CODES } from 'node:http';
import { hasField } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { Refusal } from '../core/refusal.ts';
import { privateFields } from './private-fields.ts';
import { refusalPage, typeOf } from './refusal-page.ts';
import type { RefusalPage, RefusalPageContext } from './refusal-page.ts';
import { retryWords } from './retry-words.ts';
import { codeText } from '../telemetry/names/names.ts';
import type { ErrorsPolicy, PagesPolicy } from '../policy/snapshot/snapshot.ts';
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
  readonly pages: PagesPolicy | undefined;
}

/** A 503 says when to come back; routers reconnect within two seconds, and a drained replica is replaced. */
const UNAVAILABLE_RETRY_SECONDS = '5';

const PROBLEM_FIELDS: HeaderList = ['content-type', 'application/problem+json'];

const encoder = new TextEncoder();

/**
 * The one place where a refusal becomes status, fields and body: problem+json (RFC 9457), or a page
 * without scripts for a browser's navigation. Carries code, sentence and id; the reason only where the policy makes it public.
 */
export function refusalResponse(refusal: Refusal, context: RefusalContext): RefusalResponse {
  const isPage = prefersHtml(methodForPage(refusal, context), context.requestHeaders);
  const own = ownFields(refusal);
  const { exchangeId, nowMs, errors, pages } = context;
  const { isDetailPublic } = errors;
  const told = { exchangeId, nowMs, retry: retryWords(own), isDetailPublic, pages };
  const { text, fields } = isPage ? refusalPage(refusal, told) : problem(refusal, told);
  const body = encoder.encode(text);
  const headers = [
    ...privateFields(nowMs, context.hsts),
    ...fields,
    'fairlead-decision',
    decisionField(refusal.code, exchangeId),
    ...own,
  ];
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
function problem(refusal: Refusal, context: RefusalPageContext): RefusalPage {
  const { code, status, sentence, reason, members } = refusal;
  const { retry, isDetailPublic = false } = context;
  const text = JSON.stringify({
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
  return { text, fields: PROBLEM_FIELDS };
}

/** The refusal's own fields, and for every 503 when to come back. */
function ownFields({ status, headers = [] }: Refusal): HeaderList {
  if (status !== 503 || hasField(headers, 'retry-after')) return headers;
  return ['retry-after', UNAVAILABLE_RETRY_SECONDS, ...headers];
}

/** The value of Fairlead-Decision, an item of RFC 9651; codes and ids hold no character that needs an escape. */
export function decisionField(code: string, exchangeId: string): string {
  return `deny;reason="${code}";id="${exchangeId}"`;
}
