import { fieldPairs } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { RequestFacts } from '../../core/message.ts';
import type { Allowed } from '../../evaluate/decision.ts';
import { requestHeaders } from '../../forward/forward.ts';
import type { PolicySnapshot } from '../../policy/snapshot/snapshot.ts';
import { describeWay } from '../../upstream/transport/transport.ts';
import type { ApplicationView, FieldView } from './explanation.ts';
import { removedFromRequest, writtenForApplication } from './field-views.ts';

/** Fields that prove who somebody is: an explanation is pasted into tickets. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie']);

/** The head that the application would get, made by what makes it for live traffic. */
export function applicationView(
  request: RequestFacts,
  { match, identity, requestFields }: Allowed,
  { snapshot, publicPort }: { readonly snapshot: PolicySnapshot; readonly publicPort: number },
): ApplicationView {
  const { rule } = match;
  const service = snapshot.services.get(rule.service ?? '');
  if (service === undefined) throw new Error(`the snapshot lacks service ${rule.service}`);
  const table = snapshot.routes;
  const input = { request, rule, service, table, identity, publicPort };
  // Those of the policy come last.
  const others = requestHeaders({ ...input, requestFields: [] });
  const without = removedFromRequest(rule);
  return {
    service: service.name,
    way: describeWay(service),
    method: request.method,
    target: match.forwardTarget,
    headers: [...fieldViews(others), ...writtenForApplication(requestFields, rule)],
    ...(without.length > 0 && { without }),
  };
}

function fieldViews(headers: HeaderList): readonly FieldView[] {
  return fieldPairs(headers).map(([name, value]) => ({
    name: name.toLowerCase(),
    value: CREDENTIALS.has(name.toLowerCase()) ? '[redacted]' : value,
  }));
}
