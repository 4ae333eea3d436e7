import assert from 'node:assert/strict';
import { Application } from '../application.ts';
import { type FaultReport, RECOVERY_MS, freshCredentials, underFault } from './matrix.ts';
import type { Fault, FaultSite } from './fault.ts';
import { startFaultSite } from './site.ts';
import type { TestGateway } from '../gateway.ts';
import { KubernetesMount } from '../kubernetes-mount.ts';
import { Traffic, answerTraffic } from '../traffic.ts';
import { startWatchedGateway } from '../watched-gateway.ts';

const WORKERS = 6;
const POLICY = `
services:
  web: { address: "web:8080", timeout: { response: 5s } }
routes:
  web: { host: app.example.test, service: web, auth: public }
`;

/** A gateway before a site, whose faults are begun one after the other. */
export interface FaultGround extends AsyncDisposable {
  readonly site: FaultSite;
  readonly mount: KubernetesMount;
  readonly gateway: TestGateway;
}

export async function startFaultGround(): Promise<FaultGround> {
  const application = await Application.start(answerTraffic);
  const site = await startFaultSite(application.address);
  const mount = await KubernetesMount.create(await freshCredentials());
  const running = await startWatchedGateway({ links: site.links, mount, policy: POLICY });
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

/** The contract, for every fault: nothing hangs, lies or mixes; what fails, fails as allowed; it heals. */
export async function withstands({ gateway, site }: FaultGround, fault: Fault): Promise<void> {
  await site.settle();
  const traffic = new Traffic(
    { port: gateway.port, caPem: gateway.caPem, host: 'app.example.test' },
    WORKERS,
  );
  let report: FaultReport;
  try {
    report = await underFault(traffic, fault);
  } finally {
    await traffic.stop();
  }
  console.log(JSON.stringify(report));

  assert.ok(report.sent > 20, `only ${report.sent} requests`);
  assert.deepEqual(
    [report.hung, report.falseSuccesses, report.crossTalk],
    [0, 0, 0],
    'hung, false successes, cross-talk',
  );
  // A response that was under way on what is lost cannot be anything but cut.
  const allowed = fault.allows.length === 0 ? [] : [...fault.allows.map(String), 'cut'];
  const strange = Object.keys(report.failures).filter((status) => !allowed.includes(status));
  const detail = traffic.outcomes.find(({ status }) => status !== 200)?.detail ?? '';
  assert.deepEqual(strange, [], detail);
  if (fault.failuresAtMost !== undefined) {
    const most = fault.failuresAtMost + (fault.allows.length === 0 ? 0 : report.onTheirWay);
    assert.ok(report.failed <= most, `${report.failed} failed, ${most} may`);
  }
  assert.ok(report.recoveryMs <= RECOVERY_MS, `recovered after ${report.recoveryMs} ms`);
}
