import assert from 'node:assert/strict';
import test from 'node:test';
import { Secret } from '../../../src/core/secret.ts';
import type { Identity } from '../../../src/plugin/contract.ts';
import type { SessionSettings } from '../../../src/session/provider-sessions.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { viewOf } from '../../support/plugins/plugin-host.ts';
import { MINUTE, person, sessionService, withCookies } from '../../support/sessions/sessions.ts';

const LIMITS = { idleMs: 30 * MINUTE, absoluteMs: 12 * 60 * MINUTE };
const KINDS: Readonly<Record<string, SessionSettings>> = {
  server: LIMITS,
  cookie: { ...LIMITS, store: 'cookie', keys: [new Secret('key-'.repeat(16))] },
};
const MALFORMED: Readonly<Record<string, Partial<Identity>>> = {
  'claims that are too many': { claims: { groups: Array.from({ length: 10_001 }, () => 'g') } },
  'a time that is no number': { authenticatedAt: Number.NaN },
  'a control character': { subject: 'a\nb' },
};

for (const [kind, settings] of Object.entries(KINDS)) {
  const start = () =>
    sessionService(new FakeClock(), undefined, settings).service.forProvider('corp');

  for (const [what, fault] of Object.entries(MALFORMED)) {
    test(`sessions in the ${kind} are not opened with ${what}`, async () => {
      const opening = start().open({
        request: viewOf(),
        identity: person('ada', fault),
        data: null,
      });

      await assert.rejects(opening, { name: 'MalformedIdentity', code: 'malformed_identity' });
    });

    test(`sessions in the ${kind} stay as they were when an update has ${what}`, async () => {
      const sessions = start();
      const { id, setCookies } = await sessions.open({
        request: viewOf(),
        identity: person(),
        data: 1,
      });
      const view = withCookies(setCookies);
      await sessions.current(view);

      const update = sessions.update(id, () => 2, person('ada', fault));

      await assert.rejects(update, { code: 'malformed_identity' });
      assert.equal((await sessions.current(view))?.data, 1);
    });
  }
}
