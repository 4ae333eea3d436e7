import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameClientOptions } from '../routers/frame-client.ts';
import { KEY } from '../faults/reachable.ts';
import { startNetwork } from '../routers/network.ts';
import type { TwoSites } from './two-sites.ts';

const LIMIT_MS = 30_000;

/**
 * Resolves when each entry router gives streams to both sites. Kept-alive connections stay where they are, so
 * traffic that begins earlier may never reach the second one.
 */
export async function bothServe({ links, applications }: TwoSites): Promise<void> {
  for (const link of links) await servesBoth(link, applications);
}

async function servesBoth(
  link: FrameClientOptions,
  applications: TwoSites['applications'],
): Promise<void> {
  await using running = await startNetwork(link);
  const endMs = performance.now() + LIMIT_MS;
  const reached = () => applications.map(({ connections }) => connections);
  for (;;) {
    const before = reached();
    const opened = await Promise.allSettled([1, 2, 3, 4].map(() => running.connect(KEY)));
    const isBoth = reached().every((count, index) => count > before[index]!);
    for (const it of opened) if (it.status === 'fulfilled') it.value.destroy();
    if (isBoth) return;
    if (performance.now() > endMs) throw new Error(`one site is not reached in ${LIMIT_MS} ms`);
    await sleep(100);
  }
}
