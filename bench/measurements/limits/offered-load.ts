import type { GatewayProcess } from '../../../test/support/gateway/gateway-process.ts';

export interface Offered {
  readonly sent: number;
  readonly elapsedMs: number;
  /** Answers by status; `failed` where there was none. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly longestMs: number;
}

const TICK_MS = 20;
/** A generator that falls behind does not make it up: the gateways would see another load. */
const MOST_IN_FLIGHT = 200;

/** So many requests a second, in turn to each gateway. Resolves when all are answered. */
export async function offer(
  gateways: readonly GatewayProcess[],
  perSecond: number,
  forMs: number,
): Promise<Offered> {
  const statuses: Record<string, number> = {};
  const open = new Set<Promise<void>>();
  let [sent, longestMs] = [0, 0];
  const begunMs = performance.now();
  const send = async (): Promise<void> => {
    const startedMs = performance.now();
    const status = await statusOf(gateways[sent++ % gateways.length]!);
    statuses[status] = (statuses[status] ?? 0) + 1;
    longestMs = Math.max(longestMs, performance.now() - startedMs);
  };
  for (let dueMs = begunMs; dueMs < begunMs + forMs; dueMs += TICK_MS) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    for (let i = 0; i < (perSecond * TICK_MS) / 1000 && open.size < MOST_IN_FLIGHT; i += 1) {
      const request = send().finally(() => open.delete(request));
      open.add(request);
    }
  }
  await Promise.all(open);
  return { sent, elapsedMs: performance.now() - begunMs, statuses, longestMs };
}

async function statusOf(gateway: GatewayProcess): Promise<string> {
  try {
    const { statusCode, body } = await gateway.request('/');
    await body.dump();
    return String(statusCode);
  } catch {
    return 'failed';
  }
}
