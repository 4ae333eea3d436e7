import { connect } from 'node:http2';
import type { HeaderList } from '../../../../src/core/header-list.ts';
import type { ResponseClient } from './sink-under-test.ts';

/** A client of node:http2 without TLS, with one request. */
export function http2Client(port: number, method: string): ResponseClient {
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({ ':method': method }, { endStream: true });
  const interim: number[] = [];
  let status: number | undefined;
  let headers: HeaderList = [];
  let trailers: HeaderList = [];
  stream.pause();
  session.on('error', () => {});
  stream.on('error', () => {});
  stream.on('headers', (fields) => interim.push(Number(fields[':status'])));
  stream.on('response', (fields, _flags, raw: unknown) => {
    status = Number(fields[':status']);
    headers = raw as HeaderList;
  });
  stream.on('trailers', (_fields, _flags, raw: unknown) => (trailers = raw as HeaderList));
  const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
  return {
    async response() {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.resume();
      await closed;
      session.destroy();
      const isWhole = status !== undefined && stream.rstCode === 0 && !stream.aborted;
      return { interim, status, headers, body: Buffer.concat(chunks), trailers, isWhole };
    },
    vanish: () => session.destroy(),
  };
}
