import { matchPassthrough } from '../../evaluate/route/match.ts';
import type { PassthroughRoute, PolicySnapshot } from '../../policy/snapshot/snapshot.ts';
import { ruleAddressDifferences } from './address-differences.ts';
import type { Change, Difference } from './change.ts';
import { hostsOf, sampleHost } from './places.ts';

/** Of each host that one of the policies passes through: it has no paths and no login, so it is no place of requests. */
export function passthroughChanges(
  before: PolicySnapshot,
  after: PolicySnapshot,
): readonly Change[] {
  return hostsOf([after.routes, before.routes]).flatMap((host): readonly Change[] => {
    const name = sampleHost(host);
    const [old, now] = [before, after].map(({ routes }) => matchPassthrough(routes, name));
    const where = `TLS of ${host}`;
    if (now === undefined) {
      if (old === undefined) return [];
      const what = 'is not passed through any more';
      return [{ kind: 'closes', where, what, position: old.position }];
    }
    const { position } = now;
    return differences(old, now).map((difference) => ({ ...difference, where, position }));
  });
}

function differences(
  before: PassthroughRoute | undefined,
  after: PassthroughRoute,
): readonly Difference[] {
  if (before === undefined) {
    return [{ kind: 'opens', what: `is new: it goes through to ${after.service}` }];
  }
  return [
    ...ruleAddressDifferences(before.from, after.from),
    ...valueDifference('service', before.service, after.service),
    ...valueDifference('limits.connections', before.connections, after.connections),
  ];
}

function valueDifference(
  name: string,
  before: string | number = 'none',
  after: string | number = 'none',
): readonly Difference[] {
  if (before === after) return [];
  return [{ kind: 'changes', what: `${name}: ${after}, before: ${before}` }];
}
