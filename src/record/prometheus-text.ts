import type { MetricFamily } from './metric-cells.ts';

/** Content type of `prometheusText`. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** All families in the Prometheus text format 0.0.4. */
export function prometheusText(families: Iterable<MetricFamily>): string {
  let text = '';
  for (const family of families) {
    text += `# HELP ${family.name} ${escapeHelp(family.help)}\n# TYPE ${family.name} ${family.type}\n`;
    for (const { suffix, labels, value } of family.samples()) {
      const braces = labels === '' ? '' : `{${labels}}`;
      text += `${family.name}${suffix}${braces} ${value}\n`;
    }
  }
  return text;
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
