import type { IncomingMessage, ServerResponse } from 'node:http';
import { Application } from './application.ts';
import { digestOf, pseudoRandom } from '../tools/pseudo-random.ts';

/** `POST /up` answers with the digest of what came; `GET /down?bytes=N&seed=S` gives pseudo-random octets. */
export function startBulkApplication(): Promise<Application> {
  return Application.start((request, response) => {
    if (request.method === 'POST') void takeUpload(request, response);
    else giveDownload(request, response);
  });
}

async function takeUpload(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    response.end(JSON.stringify(await digestOf(request)));
  } catch {
    // The upload was cut; whoever cut it knows.
    response.destroy();
  }
}

function giveDownload(request: IncomingMessage, response: ServerResponse): void {
  const { searchParams } = new URL(request.url!, 'http://application.invalid');
  const bytes = Number(searchParams.get('bytes'));
  response.setHeader('content-length', bytes);
  pseudoRandom(Number(searchParams.get('seed')), bytes).pipe(response);
}
