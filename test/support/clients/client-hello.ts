import { createServer } from 'node:net';
import { connect } from 'node:tls';

/** A hello as OpenSSL writes it. */
export async function realHello(servername: string, protocols: string[] = []): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => socket.once('data', resolve)).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const { port } = server.address() as { port: number };
  const client = connect({ port, host: '127.0.0.1', servername, ALPNProtocols: protocols });
  client.on('error', () => {});
  const hello = await promise;
  client.destroy();
  server.close();
  return hello;
}

/** The same message cut into records of `size` octets. */
export function refragment(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]), part);
  }
  return Buffer.concat(records);
}
