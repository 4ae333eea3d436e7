import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import { OfflineProviders } from '../../../src/app/load/offline-providers.ts';
import { systemClock as clock } from '../../../src/app/system-clock.ts';
import { evaluate } from '../../../src/evaluate/evaluate.ts';
import { AddressLimiter } from '../../../src/evaluate/limit/address-limiter.ts';
import { Limiter } from '../../../src/evaluate/limit/limiter.ts';
import { Application } from '../../support/applications/application.ts';
import { askings } from '../../support/evaluation/acts.ts';
import type { Asking } from '../../support/evaluation/acts.ts';
import { policies } from '../../support/evaluation/policies.ts';
import { fieldsOf, load, policyFiles, requestOf } from '../../support/evaluation/scene.ts';
import { Tokens } from '../../support/evaluation/tokens.ts';
import { verdictOfDecision, verdictOfRecord } from '../../support/evaluation/verdict.ts';
import { secureTo } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';

// The same as test/unit/pipeline/same-decision.test.ts, through a whole gateway and real TLS.

let application: Application;
let tokens: Tokens;

before(async () => {
  application = await Application.start();
  tokens = await Tokens.make(clock.now());
});

after(() => application?.[Symbol.asyncDispose]());

test('the access record says what evaluate says of the same request', async () => {
  const seen = new Set<unknown>();

  await fc.assert(
    fc.asyncProperty(policies, askings, async (policy, requests) => {
      const files = policyFiles(policy, tokens.providers, application.address.port);
      const slow = Object.fromEntries(
        Object.entries(files).map(([name, text]) => [name, slowed(text)]),
      );
      await using gateway = await TestGateway.start({ policy: slow['policy.yaml']! });
      const set = await load(gateway.directory, slow);
      await gateway.reload(slow);
      await using offline = new OfflineProviders(set, clock);
      const { snapshot } = set;
      const generation = {
        snapshot,
        providers: await offline.start(),
        publicPort: gateway.port,
      };
      const stores = {
        clock,
        addressLimiter: new AddressLimiter({ clock }),
        limiter: new Limiter({ clock }),
      };

      for (const generated of requests) {
        const asking = overTheWire(generated);
        gateway.records.length = 0;
        await send(gateway, asking);
        const record = await gateway.record();
        const asker = {
          id: 'alone',
          signal: AbortSignal.any([]),
          isAborted: false,
          routed: () => {},
        };
        const request = requestOf(asking, tokens, clock.now());
        const decision = await evaluate({ request, generation, asker }, stores);
        if (decision.kind === 'allow') decision.permit[Symbol.dispose]();
        const alone = { ...verdictOfDecision(decision), limitFields: [[], [], []] };
        const live = verdictOfRecord(record, [], record['service'] !== undefined);
        seen.add(alone.refusal ?? decision.kind);
        if (decision.kind === 'own') assert.equal(live.route, alone.route);
        else assert.deepEqual(live, alone);
      }
    }),
    { seed: 20261128, numRuns: 10, endOnFailure: true },
  );

  for (const each of ['allow', 'authentication_required', 'credential_rejected', 'rate_limited']) {
    assert.ok(seen.has(each), `${each} was never seen`);
  }
});

/** Windows in which nothing comes back while the test runs: real time is not its to hold. */
function slowed(policy: string): string {
  return policy.replace(/\/[hm]"/g, '/d"').replace(/\/s"/g, '/h"');
}

/** What a client with this certificate's names can send from this machine. */
function overTheWire(asking: Asking): Asking {
  const host = asking.host === 'nobody.example.test' ? 'app.example.test' : asking.host;
  return { ...asking, host, address: '127.0.0.1', upgrade: false };
}

async function send(gateway: TestGateway, asking: Asking): Promise<void> {
  const { method, target, host, bodyBytes } = asking;
  const fields = fieldsOf(asking, tokens);
  const lines = [`${method} ${target} HTTP/1.1`, `host: ${host}`];
  for (let i = 0; i < fields.length; i += 2) lines.push(`${fields[i]}: ${fields[i + 1]}`);
  lines.push(`content-length: ${bodyBytes}`, 'connection: close');
  const client = await secureTo(gateway, { servername: host });
  client.resume();
  client.write(`${lines.join('\r\n')}\r\n\r\n${'x'.repeat(bodyBytes)}`);
  await new Promise((resolve) => client.once('close', resolve));
}
