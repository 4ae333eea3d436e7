import { test } from 'node:test';
import { asGoodAsOneSite } from '../../support/two-sites/suite.ts';
import { FAULTS } from '../../support/two-sites/two-sites.ts';

test('two sites of which one loses its connector are as good as one site alone', (context) =>
  asGoodAsOneSite(context, FAULTS.connector));
