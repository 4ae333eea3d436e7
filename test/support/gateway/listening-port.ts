import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** State of a listening socket in these tables (proc_net_tcp). */
const LISTENING = '0A';

/**
 * Whether somebody listens on a port of this machine. Asked of the kernel, because a connection to a
 * router's tcpListener reaches the application; where there is no /proc one is made all the same.
 */
export async function isListening(port: number): Promise<boolean> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  try {
    return TABLES.some((table) => hasListener(readFileSync(table, 'utf8'), hexPort));
  } catch {
    return isAccepted(port);
  }
}

function hasListener(table: string, hexPort: string): boolean {
  return table.split('\n').some((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return state === LISTENING && local!.endsWith(`:${hexPort}`);
  });
}

function isAccepted(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
