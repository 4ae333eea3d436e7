import type { Overview, OverviewRoute, OverviewService } from '../../app/explain/overview.ts';

/** One line a host and path, as requests are matched, then one a service; what is alike stands below each other. */
export function overviewText({ routes, services }: Overview): string {
  const lines = [
    ...columns(routes.map(routeCells)).map((line) => `route ${line}`),
    ...columns(services.map(serviceCells)).map((line) => `service ${line}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, column) => Math.max(cell.length, most[column] ?? 0)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

function routeCells(entry: OverviewRoute): readonly string[] {
  const { route, host, path = '', methods, fields, target, passthrough, auth } = entry;
  const taken = methods === undefined ? '' : `${methods.join(', ')} of `;
  const wanted = fields === undefined ? '' : ` with ${fields.join(', ')}`;
  const asked = passthrough ? 'passthrough' : `auth ${auth}`;
  return [route, `${taken}${host}${path}${wanted}`, target, asked, lastCell(entry)];
}

function lastCell({ connections, require, from }: OverviewRoute): string {
  const parts = [
    connections === undefined ? '' : `at most ${connections} connections`,
    require === undefined ? '' : `require ${require}`,
    from === undefined ? '' : `from ${from}`,
  ];
  return parts.filter((part) => part !== '').join('  ');
}

/** The way to it, its outlier numbers and retries, defaults included. */
function serviceCells({ name, way, outlier, retry }: OverviewService): readonly string[] {
  const { failures, minMs, maxMs } = outlier;
  const retries =
    retry === null
      ? 'no retries'
      : `retries: ${retry.ratio} a request, within ${retry.withinMs} ms`;
  const tries = `after ${failures} failures two attempts at a time, every ${minMs} ms to ${maxMs} ms; ${retries}`;
  return [name, way, tries];
}
