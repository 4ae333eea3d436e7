import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give to connections that go out (Linux: 32768 to 60999), above what services use. */
const LOWEST = 15_000;
const HIGHEST = 32_000;

/**
 * A port for a process that must be told one. One that was bound and let go could be taken by any connection of a test
 * beside this one before the process binds it; one of these is nobody's.
 */
export async function routerPort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
