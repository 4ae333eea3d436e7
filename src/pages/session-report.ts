import type { HeaderList } from '../core/header-list.ts';
import { markup } from '../html/markup.ts';
import type { Markup } from '../html/markup.ts';
import { pageDocument } from '../html/page.ts';
import type { PageLook } from '../html/page.ts';
import { ownPageFields } from '../respond/respond.ts';

/** What the session page shows. */
export interface SessionReport {
  readonly provider: string;
  readonly subject: string;
  readonly issuer: string;
  /** Undefined: the policy has no tenants or tiers for people. */
  readonly tenant: string | undefined;
  readonly tier: string | undefined;
  /** Time of the login (RFC 3339). Undefined: the provider does not say. */
  readonly authenticatedAt: string | undefined;
  readonly endsAt: string;
  /** The session also ends after this many seconds without a request. */
  readonly idleSeconds: number;
  readonly limits: readonly {
    readonly name: string;
    readonly rate: string;
    /** Requests at once that the limit allows. */
    readonly burst: number;
    readonly left: number;
  }[];
  /** Where a form is posted to log out. */
  readonly logout: string;
}

export interface Rendered {
  readonly headers: HeaderList;
  readonly body: Uint8Array;
}

const encoder = new TextEncoder();

/**
 * The sessions of one person as JSON, the first and what there is beside it in `others`, or as a page
 * without scripts. At least one.
 */
export function renderSessions(
  reports: readonly SessionReport[],
  { asPage, look }: { readonly asPage: boolean; readonly look?: PageLook | undefined },
): Rendered {
  if (asPage) return { headers: ownPageFields(look), body: encoder.encode(pageOf(reports, look)) };
  const [first, ...others] = reports;
  const body = JSON.stringify({ ...first, ...(others.length > 0 && { others }) });
  return { headers: ['content-type', 'application/json'], body: encoder.encode(`${body}\n`) };
}

function pageOf(reports: readonly SessionReport[], look: PageLook | undefined): string {
  if (reports.length === 1) {
    return pageDocument({ title: 'Your session', content: sectionOf(reports[0]!), look });
  }
  const sections = reports.map(
    (report) => markup`<h2>${report.provider}</h2>\n${sectionOf(report)}`,
  );
  return pageDocument({ title: 'Your sessions', content: markup`${sections}`, look });
}

function sectionOf(report: SessionReport): Markup {
  const rows = [
    ['Signed in as', report.subject],
    ['Signed in with', report.issuer],
    ['Tenant', report.tenant],
    ['Tier', report.tier],
    ['Logged in', report.authenticatedAt && readable(report.authenticatedAt)],
    [
      'Session ends',
      `${readable(report.endsAt)}, or ${Math.floor(report.idleSeconds / 60)} minutes after the last request`,
    ],
    ...report.limits.map((limit) => ['Requests left', leftInWords(limit)]),
  ];
  const list = rows
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>\n`);
  return markup`<dl class="facts">\n${list}</dl>
<form class="acts" method="post" action="${report.logout}"><button class="button" type="submit">Sign out</button></form>
`;
}

const UNITS: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day' };

/** `4 (burst 5, 1 per second)` */
function leftInWords({ rate, burst, left }: SessionReport['limits'][number]): string {
  const [amount, unit = ''] = rate.split('/');
  return `${left} (burst ${burst}, ${amount} per ${UNITS[unit] ?? unit})`;
}

/** RFC 3339 to the minute. */
function readable(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}
