import type { IncomingMessage, ServerResponse } from 'node:http';
import { LoopbackServer } from './loopback-server.ts';

/** The application of the demo: a few lines of HTTP on the loopback. It tells what reached it. */
export async function startBackend(name: string): Promise<LoopbackServer> {
  const server = await LoopbackServer.start();
  server.serve((request, response) => answer(name, request, response));
  return server;
}

function answer(name: string, request: IncomingMessage, response: ServerResponse): void {
  const received = {
    application: name,
    method: request.method,
    path: request.url,
    host: request.headers.host,
    'x-user': request.headers['x-user'] ?? null,
    'x-tenant': request.headers['x-tenant'] ?? null,
    forwarded: request.headers.forwarded ?? null,
  };
  request.resume();
  response.setHeader('content-type', 'application/json');
  response.end(`${JSON.stringify(received, null, 2)}\n`);
}
