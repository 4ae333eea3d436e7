import type { ExplainedProvider, ExplainedTenant } from '../../app/explain/explanation.ts';
import type { RefusalReason } from '../../core/refusal.ts';
import { GATES } from '../../evaluate/decision.ts';
import type { ExplainLine } from './explain-line.ts';

// What a described request and a decision of live traffic have in common, in the same words.

const SAID: Readonly<Record<ExplainedProvider['said'], string>> = {
  pass: 'no credential of its kind',
  identity: 'identity',
  challenge: 'asks for a login',
  deny: 'denied',
  error: 'failed',
  'not asked': 'not asked',
};

export function providerLine(answer: ExplainedProvider): ExplainLine {
  const { provider, said, reason, subject, issuer, at = '' } = answer;
  const what = said === 'pass' && reason !== undefined ? 'leaves it to another' : SAID[said];
  const who = subject === undefined ? '' : ` ${subject}, issuer ${issuer}`;
  const why = reason === undefined ? '' : `, ${reasonText(reason)}`;
  return ['provider', `${provider}: ${what}${who}${why}`, at];
}

export function tenantLines(tenant: ExplainedTenant | undefined): ExplainLine[] {
  if (tenant === undefined) return [];
  const { id, kind, tier, limits, at = '', tierAt = '' } = tenant;
  const of = kind === 'address' ? 'by client address' : `by ${kind}`;
  const limitText = limits === undefined ? 'no limits' : `limits of ${limits}`;
  return [
    ['tenant', `${id} (${of})`, at],
    ['tier', `${tier ?? 'none'}, ${limitText}`, tierAt],
  ];
}

/** `403 forbidden at gate require`. */
export function refusedText(status: number | undefined, code: string | undefined, gate: string) {
  const isGate = (GATES as readonly string[]).includes(gate);
  const what = status === undefined ? 'closed' : String(status);
  return `${what} ${code ?? ''} at ${isGate ? `gate ${gate}` : gate}`;
}

export function reasonLines(reason: RefusalReason | undefined): ExplainLine[] {
  return reason === undefined ? [] : [['reason', reasonText(reason)]];
}

function reasonText({ code, detail }: RefusalReason): string {
  return detail === undefined ? code : `${code}: ${detail}`;
}
