import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly fields?: Readonly<Record<string, string>>;
}

export const JSON_TYPE = 'application/json';

export function json(status: number, value: unknown): Answer {
  return { status, contentType: JSON_TYPE, body: `${JSON.stringify(value, null, 2)}\n` };
}

export function plain(status: number, text: string, fields?: Answer['fields']): Answer {
  const answer = { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
  return fields === undefined ? answer : { ...answer, fields };
}

/** Sends an answer; no other site may read it, and nobody keeps it. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, contentType, body, fields } = answer;
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...fields,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The path of the request, without the query. */
export function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0]!;
}

export function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}
