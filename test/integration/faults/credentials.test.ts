import { test } from 'node:test';
import { credentialFaults } from '../../support/faults/matrix.ts';
import { startFaultGround, withstands } from '../../support/faults/suite.ts';

test('credentials are replaced, or refused, without any request noticing', async (context) => {
  await using ground = await startFaultGround();
  const { metrics } = ground.gateway.gateway;
  const isPending = () => metrics.render().includes('\nfairlead_router_credentials_pending 1\n');
  const faults = credentialFaults(ground.mount, isPending);

  for (const fault of faults) await context.test(fault.name, () => withstands(ground, fault));
});
