import { stripVTControlCharacters } from 'node:util';
import type { LimitLeft, RefusalReason } from '../../core/refusal.ts';
import type { DecidedProvider, DecisionRecord } from '../../record/record.ts';
import type { ExplainLine } from './explain-line.ts';

/** A decision of live traffic, in the lines that a described request gets. */
export function recordLines(record: DecisionRecord): ExplainLine[] {
  const { request, providers, limits, identity } = record;
  const { method = '?', host = '?', path = '?', version = '?', client } = request;
  const lines: ExplainLine[] = [
    ['request', `${method} ${host}${path}, HTTP/${version} from ${client}`, record.time],
    ...routeLines(record),
    ...providers.map(providerLine),
    ...(identity === undefined
      ? []
      : [['identity', `${identity.subject}, issuer ${identity.issuer}`] as const]),
    ...tenantLines(record),
    ...limits.map(limitLine),
    ['outcome', outcomeOf(record)],
    ...(record.reason === undefined ? [] : [['reason', reasonText(record.reason)] as const]),
  ];
  return lines.map(([label, ...words]) => [label, ...words.map(printable)]);
}

function routeLines({ route }: DecisionRecord): ExplainLine[] {
  if (route === undefined) return [];
  return [
    ['route', `${route.name}, path ${route.path} to service ${route.service}`, route.at],
    ...route.rules.map(({ field, text, at }) => ['rule', `${field} ${text}`, at] as const),
  ];
}

const SAID: Readonly<Record<DecidedProvider['said'], string>> = {
  pass: 'no credential of its kind',
  identity: 'identity',
  challenge: 'asks for a login',
  deny: 'denied',
  error: 'failed',
};

function providerLine({ provider, said, reason, at }: DecidedProvider): ExplainLine {
  const why = reason === undefined ? '' : `, ${reasonText(reason)}`;
  const what = said === 'pass' && reason !== undefined ? 'leaves it to another' : SAID[said];
  return ['provider', `${provider}: ${what}${why}`, ...(at === undefined ? [] : [at])];
}

function tenantLines({ tenant }: DecisionRecord): ExplainLine[] {
  if (tenant === undefined) return [];
  const { id, kind, tier, limits } = tenant;
  const of = kind === 'address' ? 'by client address' : `by ${kind}`;
  const tierText = tier === undefined ? 'no tier' : `tier ${tier}`;
  const limitText = limits === undefined ? 'no limits' : `limits of ${limits}`;
  return [['tenant', `${id} (${of}), ${tierText}, ${limitText}`]];
}

function limitLine({ name, amount, left, waitMs }: LimitLeft): ExplainLine {
  const wait = waitMs > 0 ? `, the next in ${Math.ceil(waitMs / 1000)} s` : '';
  return ['limit', name, `${amount}: ${left} left${wait}`];
}

function outcomeOf({ outcome, status, code, gate, route }: DecisionRecord): string {
  switch (outcome) {
    case 'allowed':
      return `forwarded to service ${route?.service ?? '?'}`;
    case 'answered':
      return `answered by the gateway itself at ${gate}`;
    case 'refused':
      return `${status === undefined ? 'closed' : status} ${code ?? ''} at ${gate}`;
  }
}

function reasonText({ code, detail }: RefusalReason): string {
  return detail === undefined ? code : `${code}: ${detail}`;
}

/** What a client wrote must not move the cursor of the terminal that shows it. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, '\uFFFD');
}
