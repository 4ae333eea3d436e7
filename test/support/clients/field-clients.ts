import { once } from 'node:events';
import { request as http1Request, type IncomingMessage } from 'node:http';
import { fieldPairs } from '../../../src/core/header-list.ts';
import { http2To, secureTo, type Reachable } from './gateway-clients.ts';

/** What a client sends: fields and trailers by turns, names in the case that they are written in. */
export interface FieldRequest {
  readonly host: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly trailers?: readonly string[];
}

/** What it gets: names lower case, pseudo-fields left out. */
export interface FieldResponse {
  readonly status: number;
  readonly fields: readonly string[];
  readonly trailers: readonly string[];
  /** Of all responses before the last. */
  readonly hints: readonly string[];
  readonly body: string;
}

export type FieldClient = (gateway: Reachable, asked: FieldRequest) => Promise<FieldResponse>;

/** One exchange over each version of HTTP, with all fields of it. */
export const FIELD_CLIENTS: Readonly<Record<'HTTP/1.1' | 'HTTP/2', FieldClient>> = {
  async 'HTTP/1.1'(gateway, { host, path = '/', method = 'POST', headers = [], trailers = [] }) {
    const socket = await secureTo(gateway, { servername: host });
    const framing = method === 'POST' ? ['Transfer-Encoding', 'chunked'] : [];
    const request = http1Request({
      createConnection: () => socket,
      method,
      path,
      headers: ['Host', host, 'Connection', 'close', ...framing, ...headers],
    });
    const hints: string[] = [];
    request.on('information', ({ rawHeaders }) => hints.push(...rawHeaders));
    if (trailers.length > 0) request.addTrailers(fieldPairs(trailers));
    request.end(method === 'POST' ? 'hi' : undefined);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const body = await textOf(response);
    socket.destroy();
    return {
      status: response.statusCode!,
      fields: lower(response.rawHeaders),
      trailers: lower(response.rawTrailers),
      hints: lower(hints),
      body,
    };
  },

  async 'HTTP/2'(gateway, { host, path = '/', method = 'POST', headers = [], trailers = [] }) {
    const session = await http2To(gateway, host);
    const stream = session.request(
      [':method', method, ':path', path, ':authority', host, ':scheme', 'https', ...lower(headers)],
      { endStream: method === 'GET', waitForTrailers: method !== 'GET' },
    );
    stream.on('wantTrailers', () => stream.sendTrailers(Object.fromEntries(fieldPairs(trailers))));
    const hints: string[] = [];
    const late: string[] = [];
    stream.on('headers', (_fields, _flags, raw: string[]) => hints.push(...raw));
    stream.on('trailers', (_fields, _flags, raw: string[]) => late.push(...raw));
    if (method !== 'GET') stream.end('hi');
    const answered = once(stream, 'response');
    const text = textOf(stream);
    const [head, , raw] = (await answered) as [{ ':status': number }, number, string[]];
    const body = await text;
    session.destroy();
    return {
      status: head[':status'],
      fields: plain(raw),
      trailers: late,
      hints: plain(hints),
      body,
    };
  },
};

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

function lower(headers: readonly string[]): string[] {
  return headers.map((each, index) => (index % 2 === 0 ? each.toLowerCase() : each));
}

function plain(raw: readonly string[]): string[] {
  return fieldPairs(raw)
    .filter(([name]) => !name.startsWith(':'))
    .flat();
}
