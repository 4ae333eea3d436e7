import { test } from 'node:test';
import { startFaultGround, withstands } from '../../support/faults/suite.ts';

test('faults behind the entry routers are told at once, and heal by themselves', async (context) => {
  await using ground = await startFaultGround();
  const faults = ground.site.faults.filter(({ where }) => where === 'beyond');

  for (const fault of faults) await context.test(fault.name, () => withstands(ground, fault));
});
