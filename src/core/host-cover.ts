/** What stands behind the star of a host: `*.example.com` is one label, `**.example.com` any number. */
export interface HostWildcard {
  /** `.example.com` */
  readonly suffix: string;
  readonly labels: 'one' | 'any';
}

/** Whether the wildcard takes an exact host: labels before the suffix, none of them empty at either end. */
export function coversHost({ suffix, labels }: HostWildcard, host: string): boolean {
  if (!host.endsWith(suffix)) return false;
  const front = host.slice(0, host.length - suffix.length);
  if (front === '' || front.startsWith('.') || front.endsWith('.')) return false;
  return labels === 'any' || !front.includes('.');
}
