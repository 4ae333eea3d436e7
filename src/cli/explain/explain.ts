import { loadPolicySet } from '../../app/load/load-policy-set.ts';
import { formatIssues } from '../../policy/issues/issue-format.ts';
import type { PolicySnapshot, ServicePolicy } from '../../policy/snapshot/snapshot.ts';
import { describeWay, routingKeysOf } from '../../upstream/transport/transport.ts';
import { ruleLines } from './explain-rules.ts';

export interface ExplainOptions {
  readonly directory: string;
  /** One a line and nothing else, for the vhost policy of a router. */
  readonly routingKeysOnly: boolean;
}

/** 0: printed; 1: the set has errors; 2: it is unreadable. */
export async function runExplain(options: ExplainOptions): Promise<number> {
  const set = await loadPolicySet(options.directory, {
    generation: 1,
    cwd: process.cwd(),
    env: process.env,
  });
  if (set.kind === 'errors') {
    process.stderr.write(formatIssues(set.issues, { format: 'text' }));
    return set.readable ? 1 : 2;
  }
  const lines = options.routingKeysOnly
    ? routingKeys(set.snapshot)
    : [...ruleLines(set.snapshot), ...serviceLines([...set.snapshot.services.values()])];
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return 0;
}

function routingKeys({ services }: PolicySnapshot): string[] {
  return [...new Set([...services.values()].flatMap(routingKeysOf))].sort();
}

/** One line a service: the way to it, its outlier numbers and retries, defaults included. */
function serviceLines(services: readonly ServicePolicy[]): string[] {
  const rows = services.map((service) => [service.name, describeWay(service), triesOf(service)]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length), 0));
  return rows.map(([name, way, tries]) =>
    `service ${name!.padEnd(widths[0]!)}  ${way!.padEnd(widths[1]!)}  ${tries}`.trimEnd(),
  );
}

function triesOf({ outlier, retry }: ServicePolicy): string {
  const { failures, minMs, maxMs } = outlier;
  const retries =
    retry === undefined
      ? 'no retries'
      : `retries: ${retry.ratio} a request, within ${retry.withinMs} ms`;
  return `after ${failures} failures two attempts at a time, every ${minMs} ms to ${maxMs} ms; ${retries}`;
}
