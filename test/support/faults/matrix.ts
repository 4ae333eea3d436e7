import { setTimeout as sleep } from 'node:timers/promises';
import { makeCa } from '../tools/certificates.ts';
import type { KubernetesMount } from '../policy/kubernetes-mount.ts';
import { networkCertificates } from '../routers/network-certificates.ts';
import { HANG_MS, type Outcome, type Traffic } from '../traffic/traffic.ts';
import { waitUntil } from '../tools/wait-until.ts';
import type { Fault } from './fault.ts';

export interface FaultReport {
  readonly fault: string;
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  /** Failures by status; `cut` has none. */
  readonly failures: Readonly<Record<string, number>>;
  /** What the first failure of each status was told. */
  readonly example: Readonly<Record<string, string>>;
  /** Those of the failed that began after the fault's end. */
  readonly failedAfter: number;
  readonly onTheirWay: number;
  readonly hung: number;
  readonly falseSuccesses: number;
  readonly crossTalk: number;
  readonly slowestMs: number;
  /** From mending it until the network could carry a stream again: the routers' own time. */
  readonly networkMs: number;
  /** From the fault's end, which is then, to the start of the last request that failed. */
  readonly recoveryMs: number;
}

/** Quiet time in which nothing may fail any more, for the recovery to count. */
const CALM_MS = 1_500;
/** Requirement: recovery within 5 s of the fault's end. */
export const RECOVERY_MS = 5_000;

/** Lets one thing go wrong under traffic and counts what came of the requests of that time. */
export async function underFault(traffic: Traffic, fault: Fault): Promise<FaultReport> {
  await sleep(300);
  const first = traffic.outcomes.length;
  const before = { ...traffic.count };
  const beganMs = performance.now();
  await fault.begin();
  await sleep(fault.holdMs);
  const mendedMs = performance.now();
  await fault.end();
  const endedMs = performance.now();
  const calm = () => {
    const last = traffic.outcomes.findLast(({ status }) => status !== 200);
    const quietMs =
      performance.now() - Math.max(endedMs, last === undefined ? 0 : last.startedMs + last.tookMs);
    return quietMs > CALM_MS && traffic.outcomes.at(-1)?.status === 200;
  };
  await waitUntil('calm after the fault', calm, HANG_MS + RECOVERY_MS);
  return report(fault, traffic, { first, before, beganMs, mendedMs, endedMs });
}

function report(
  fault: Fault,
  { count, outcomes }: Traffic,
  marks: {
    readonly first: number;
    readonly before: Traffic['count'];
    readonly beganMs: number;
    readonly mendedMs: number;
    readonly endedMs: number;
  },
): FaultReport {
  const during = outcomes.slice(marks.first);
  const failed = during.filter(({ status }) => status !== 200);
  const failures: Record<string, number> = {};
  const example: Record<string, string> = {};
  for (const { status = 'cut', detail } of failed) {
    failures[status] = (failures[status] ?? 0) + 1;
    example[status] ??= detail;
  }
  return {
    fault: fault.name,
    sent: count.sent - marks.before.sent,
    answered: count.answered - marks.before.answered,
    failed: failed.length,
    failures,
    example,
    failedAfter: failed.filter(({ startedMs }) => startedMs > marks.endedMs).length,
    onTheirWay: during.filter(({ startedMs }) => startedMs < marks.beganMs).length,
    hung: count.hung - marks.before.hung,
    falseSuccesses: count.falseSuccesses - marks.before.falseSuccesses,
    crossTalk: count.crossTalk - marks.before.crossTalk,
    slowestMs: Math.round(Math.max(0, ...during.map(({ tookMs }) => tookMs))),
    networkMs: Math.round(marks.endedMs - marks.mendedMs),
    recoveryMs: Math.round(Math.max(0, lastStart(failed) - marks.endedMs)),
  };
}

function lastStart(failed: readonly Outcome[]): number {
  return failed.reduce((latest, { startedMs }) => Math.max(latest, startedMs), 0);
}

/**
 * Faults of the gateway's own credentials: no request may notice them. `isPending`: new ones do not serve
 * yet (metric `fairlead_router_credentials_pending`).
 */
export function credentialFaults(mount: KubernetesMount, isPending: () => boolean): Fault[] {
  const rotate = async () => mount.swap(await freshCredentials());
  return [
    {
      name: 'rotate credentials',
      where: 'entry',
      holdMs: 3_500,
      begin: rotate,
      end: () => waitUntil('the new ones serve', () => !isPending(), 10_000),
      allows: [],
      failuresAtMost: 0,
      failuresAfterAtMost: 0,
    },
    {
      name: 'swap in an authority that no router has',
      where: 'entry',
      holdMs: 1_000,
      begin: async () => {
        const wrong = await makeCa('another network');
        await mount.swap({ ...(await freshCredentials()), 'ca.crt': wrong.certPem });
        await waitUntil('the wrong authority is noticed', isPending, 10_000);
      },
      end: async () => {
        await rotate();
        await waitUntil('the right one serves', () => !isPending(), 10_000);
      },
      allows: [],
      failuresAtMost: 0,
      failuresAfterAtMost: 0,
    },
  ];
}

export async function freshCredentials(): Promise<Record<string, string>> {
  const { ca, issueClient } = await networkCertificates();
  const { certPem, keyPem } = await issueClient('fairlead-test');
  return { 'ca.crt': ca, 'tls.crt': certPem, 'tls.key': keyPem };
}
