import { readFileSync } from 'node:fs';

const ANY_QUEUE_BYTES = 16 * 1024 * 1024;

export interface KernelQueues {
  /** Octets the peer's kernel has not acknowledged as taken. */
  readonly sending: number;
  /** Octets that arrived and the program has not read. */
  readonly receiving: number;
}

/**
 * What the kernel holds of the connections of one loopback port, both ends together: the "socket
 * buffers" of a back-pressure bound. Where /proc does not tell, more than any system holds by default.
 */
export function kernelQueues(port: number): KernelQueues {
  let table: string;
  try {
    table = readFileSync('/proc/net/tcp', 'utf8');
  } catch {
    return { sending: ANY_QUEUE_BYTES, receiving: ANY_QUEUE_BYTES };
  }
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  let [sending, receiving] = [0, 0];
  for (const line of table.split('\n').slice(1)) {
    const [, local, remote, state, queues] = line.trim().split(/\s+/);
    // 0A: listening; its queue counts connections.
    if (state === '0A' || queues === undefined) continue;
    if (!local!.endsWith(`:${hexPort}`) && !remote!.endsWith(`:${hexPort}`)) continue;
    const [send, receive] = queues.split(':');
    sending += Number.parseInt(send!, 16);
    receiving += Number.parseInt(receive!, 16);
  }
  return { sending, receiving };
}
