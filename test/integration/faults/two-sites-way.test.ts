import { test } from 'node:test';
import { asGoodAsOneSite } from '../../support/two-sites/suite.ts';
import { FAULTS } from '../../support/two-sites/two-sites.ts';

test('an entry router that lost its way is as good as none, while another one reaches the service', (context) =>
  asGoodAsOneSite(context, FAULTS.way));
