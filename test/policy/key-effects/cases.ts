import type { Effects } from './effects.ts';

/** Of `tests`. */
export const CASES: Effects = {
  'integration/cli/test-command.test.ts': {
    'runs every case and says which passed':
      'tests.[].name tests.[].request.url tests.[].request.method tests.[].request.headers tests.[].request.from tests.[].request.body',
    'a case with another ${what} comes out otherwise':
      'tests.[].as tests.[].as.provider tests.[].as.claims tests.[].as.acr tests.[].as.age tests.[].as.rejected',
    'names what was otherwise, each key of expect, and where the case stands':
      'tests.[].expect.outcome tests.[].expect.status tests.[].expect.location tests.[].expect.code tests.[].expect.reason tests.[].expect.route tests.[].expect.path tests.[].expect.service tests.[].expect.forwarded tests.[].expect.provider tests.[].expect.identity tests.[].expect.tenant tests.[].expect.tier tests.[].expect.rate tests.[].expect.concurrent',
  },
};
