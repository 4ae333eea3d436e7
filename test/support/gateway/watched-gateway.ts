import { join } from 'node:path';
import { loadPolicySet } from '../../../src/app/load/load-policy-set.ts';
import { Reloader } from '../../../src/app/reload/reloader.ts';
import type { Generations } from '../../../src/app/state/generations.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import type { PolicyText } from '../../../src/policy/source/read-set.ts';
import { createLog } from '../../../src/record/log.ts';
import type { FrameClientOptions } from '../routers/frame-client.ts';
import { TestGateway } from './gateway.ts';
import type { KubernetesMount } from '../policy/kubernetes-mount.ts';

export interface WatchedGatewayOptions {
  readonly links: readonly FrameClientOptions[];
  /** `ca.crt`, `tls.crt` and `tls.key` for all of them. */
  readonly mount: KubernetesMount;
  /** Services and routes. */
  readonly policy: string;
}

/** A gateway whose router credentials are a mounted Secret, and which watches it. */
export async function startWatchedGateway({ links, mount, policy }: WatchedGatewayOptions) {
  const at = (name: string) => join(mount.path, name);
  const files = `ca: ${at('ca.crt')}, cert: ${at('tls.crt')}, key: ${at('tls.key')}`;
  const entries = links.map(
    ({ host, port }) => `    - { host: ${host}, port: ${port}, serverName: localhost, ${files} }`,
  );
  const gateway = await TestGateway.start({
    policy: `network:\n  link:\n${entries.join('\n')}\n${policy}`,
  });
  const reloader = await watchFiles(gateway);
  return {
    gateway,
    async [Symbol.asyncDispose]() {
      reloader.stop();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

/** Watches the files of a running gateway from now on. */
export async function watchFiles(
  gateway: TestGateway,
  generations?: Generations,
): Promise<Reloader> {
  const { directory } = gateway;
  const load = (generation: number, texts?: readonly PolicyText[]) =>
    loadPolicySet(directory, { generation, cwd: directory, env: {}, texts });
  const set = await load(1);
  if (set.kind !== 'ok') throw new Error('the set has errors');
  const reloader = new Reloader({
    gateway: gateway.gateway,
    set,
    load,
    report: () => {},
    clock: systemClock,
    generations,
    log: createLog({ level: 'error', format: 'json', destination: { write: () => {} } }),
  });
  await reloader.start();
  return reloader;
}
