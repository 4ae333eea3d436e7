import assert from 'node:assert/strict';
import { complaintsOf } from './complaints.ts';
import { type FaultReport, freshCredentials, underFault } from './matrix.ts';
import type { Fault, FaultSite } from './fault.ts';
import { startFaultSite } from './site.ts';
import type { AccessLine, TestGateway } from '../gateway/gateway.ts';
import { KubernetesMount } from '../policy/kubernetes-mount.ts';
import { matrixTraffic } from '../traffic/mixtures.ts';
import { TRAFFIC_POLICY } from '../traffic/policy.ts';
import { TrafficApplication } from '../traffic/traffic-application.ts';
import { Traffic } from '../traffic/traffic.ts';
import { startWatchedGateway } from '../gateway/watched-gateway.ts';

/** A gateway before a site, whose faults are begun one after the other. */
export interface FaultGround extends AsyncDisposable {
  readonly site: FaultSite;
  readonly mount: KubernetesMount;
  readonly gateway: TestGateway;
}

export async function startFaultGround(): Promise<FaultGround> {
  const application = await TrafficApplication.start();
  const site = await startFaultSite(application.address);
  const mount = await KubernetesMount.create(await freshCredentials());
  const running = await startWatchedGateway({ links: site.links, mount, policy: TRAFFIC_POLICY });
  return {
    site,
    mount,
    gateway: running.gateway,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await mount[Symbol.asyncDispose]();
      await site[Symbol.asyncDispose]();
      await application[Symbol.asyncDispose]();
    },
  };
}

/** Begins the fault, ends it, and holds what came of the traffic against the contract. */
export async function withstands({ gateway, site }: FaultGround, fault: Fault): Promise<void> {
  await site.settle();
  const before = gateway.records.length;
  const traffic = new Traffic(matrixTraffic(gateway));
  let report: FaultReport;
  try {
    report = await underFault(traffic, fault);
  } finally {
    await traffic.stop();
  }
  console.log(JSON.stringify({ ...report, kinds: traffic.answered }));

  const complaints = complaintsOf(report, fault);
  const reasons = reasonsIn(gateway.records.slice(before));
  assert.equal(complaints.length, 0, [...complaints, ...reasons].join('\n'));
  for (const kind of ['web', 'fresh', 'passthrough']) assert.ok((traffic.answered[kind] ?? 0) > 0);
}

/** What the gateway itself says of the failures, each once with its number: what clients are told is less. */
function reasonsIn(records: readonly AccessLine[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { fault, fault_detail: detail } of records) {
    if (typeof fault !== 'string') continue;
    const reason = `${fault}: ${String(detail)}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => `${count} × ${reason}`);
}
