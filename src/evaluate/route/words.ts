import type { PathRewrite, Rule } from '../../policy/snapshot/snapshot.ts';

/** Where requests of a rule go, for an operator: `to web`, `redirect 308 to https://www.example.com{path}?{query}`. */
export function targetWords({ service, answer, rewrite }: Rule): string {
  if (answer !== undefined) return answerWords(answer);
  const as = rewrite === undefined ? '' : `, ${rewriteWords(rewrite)}`;
  return `to ${service}${as}`;
}

export function answerWords(answer: Rule['answer']): string {
  if (answer === undefined) return 'none';
  if (answer.kind === 'respond') return `respond ${answer.status}`;
  const { status, scheme, host, path } = answer;
  const origin =
    host === undefined && scheme === undefined
      ? ''
      : `${scheme ?? 'same scheme'}://${host ?? 'same host'}`;
  return `redirect ${status} to ${origin}${path.join('')}`;
}

export function rewriteWords(rewrite: PathRewrite | undefined): string {
  if (rewrite === undefined) return 'as it is';
  if (rewrite.kind === 'literal') return `as ${rewrite.path}`;
  const { strip, add } = rewrite;
  const parts = [
    ...(strip === undefined ? [] : [`without ${strip}`]),
    ...(add === '' ? [] : [`with ${add} in front`]),
  ];
  return parts.join(' and ');
}
