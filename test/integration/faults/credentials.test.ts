import { test } from 'node:test';
import { credentialFaults } from '../../support/faults/matrix.ts';
import { startFaultGround, withstands } from '../../support/faults/suite.ts';

test('credentials are replaced, or refused, without any request noticing', async (context) => {
  await using ground = await startFaultGround();
  const faults = credentialFaults(ground.mount, ground.gateway);

  for (const fault of faults) await context.test(fault.name, () => withstands(ground, fault));
});
