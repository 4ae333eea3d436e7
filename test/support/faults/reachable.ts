import { FrameClient, type FrameClientOptions } from '../routers/frame-client.ts';

/** Routing key of the site's one application. */
export const KEY = 'web:8080';
export const START_LIMIT_MS = 30_000;

/** Credit on a targeted link: the router is up and knows the consumer. */
export async function reachable(link: FrameClientOptions): Promise<void> {
  const endMs = performance.now() + START_LIMIT_MS;
  for (;;) {
    try {
      using client = await FrameClient.open(link);
      await client.lane(0, KEY);
      await client.received('flow');
      if (client.frames('flow').some((it) => it.performative.linkCredit === 250)) return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
    if (performance.now() > endMs) throw new Error(`no credit for ${KEY} at port ${link.port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
