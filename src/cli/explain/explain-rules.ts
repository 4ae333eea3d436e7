import { targetWords } from '../../evaluate/route/words.ts';
import { describeCondition } from '../../evaluate/auth/claim-condition.ts';
import type {
  AuthRequirement,
  HostRules,
  PassthroughRoute,
  PolicySnapshot,
  Rule,
} from '../../policy/snapshot/snapshot.ts';

/** One line a host and path, as requests are matched: its route and service, who is asked, and what is required. */
export function ruleLines({ routes }: PolicySnapshot): string[] {
  const hosts = [...routes.exact.values(), ...routes.wildcards];
  const rows = hosts.flatMap(rowsOf);
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => row[column]!.length), 0),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return `route ${cells.join('  ')}`.trimEnd();
  });
}

function rowsOf({ host, rules, passthrough }: HostRules): string[][] {
  if (passthrough !== undefined) return [passthroughRow(host, passthrough)];
  return rules.map((rule) => [
    rule.route,
    `${methodsText(rule)}${host}${rule.path}${fieldsText(rule)}`,
    targetWords(rule),
    `auth ${authText(rule.auth)}`,
    [requiresText(rule), fromText(rule)].filter((text) => text !== '').join('  '),
  ]);
}

/** No path and nobody asked: the client's TLS goes to the application. */
function passthroughRow(host: string, passthrough: PassthroughRoute): string[] {
  const { route, service, connections } = passthrough;
  const most = connections === undefined ? '' : `at most ${connections} connections`;
  const last = [most, fromText(passthrough)].filter((text) => text !== '').join('  ');
  return [route, host, `to ${service}`, 'passthrough', last];
}

/** `from 10.0.0.0/8, not 10.9.0.0/16`; what each level says stands by itself. */
function fromText({ from }: Pick<Rule, 'from'>): string {
  const texts = (from ?? []).map(({ allow, deny }) => {
    const not = deny === undefined ? '' : `not ${deny.texts.join(', ')}`;
    return [allow?.texts.join(', '), not].filter(Boolean).join(', ');
  });
  return texts.length === 0 ? '' : `from ${texts.join('; ')}`;
}

function authText(auth: AuthRequirement): string {
  if (auth.kind === 'public') return 'public';
  const names = auth.providers.join(auth.kind === 'all' ? ' and ' : ' or ');
  return auth.kind === 'optional' ? `${names} (optional)` : names;
}

/** `GET, HEAD of `, where the rule names methods. */
function methodsText({ methods }: Rule): string {
  return methods === undefined ? '' : `${[...methods].join(', ')} of `;
}

/** ` with x-canary: 1`, where the rule names fields. */
function fieldsText({ matchHeaders }: Rule): string {
  if (matchHeaders === undefined) return '';
  const fields = matchHeaders.map(({ name, values }) =>
    values === undefined ? name : `${name}: ${[...values].join(' or ')}`,
  );
  return ` with ${fields.join(', ')}`;
}

function requiresText({ requires }: Rule): string {
  if (requires === undefined) return '';
  const { acr, maxAgeMs, claims, when = [] } = requires;
  const parts = [
    ...(acr === undefined ? [] : [`acr ${JSON.stringify(acr)}`]),
    ...(maxAgeMs === undefined ? [] : [`maxAge ${maxAgeMs / 1000}s`]),
    ...claims.map(
      ({ text, conditions }) => `${text} ${conditions.map(describeCondition).join(' and ')}`,
    ),
    ...when.map(({ text }) => `when ${text.trim().replaceAll(/\s+/g, ' ')}`),
  ];
  return `require ${parts.join('; ')}`;
}
