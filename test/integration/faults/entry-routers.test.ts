import { test } from 'node:test';
import { startFaultGround, withstands } from '../../support/faults/suite.ts';

test('faults of entry routers cost what is on them, and nothing else', async (context) => {
  await using ground = await startFaultGround();
  const faults = ground.site.faults.filter(({ where }) => where === 'entry');

  for (const fault of faults) await context.test(fault.name, () => withstands(ground, fault));
});
