// Writes the pages of names from the register in src/telemetry/names: docs/metrics.md, docs/access-log.md and
// the reasons in docs/errors.md. `--write` writes them (npm run names), `--check` compares them (npm run check).
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import {
  ACCESS_FIELDS,
  CODE_TEXTS,
  METRICS,
  PLUGIN_EVENTS,
  PLUGIN_REASONS,
  REASONS,
} from '../src/telemetry/names/names.ts';

const BEGIN = '<!-- reasons: written by npm run names -->';
const END = '<!-- /reasons -->';

const PAGES = {
  'metrics.md': metricsPage,
  'access-log.md': accessLogPage,
  'errors.md': errorsPage,
};

for (const [name, make] of Object.entries(PAGES)) {
  const file = new URL(`../docs/${name}`, import.meta.url);
  const options = await resolveConfig(file);
  const text = await format(make(file), { ...options, parser: 'markdown' });
  if (process.argv.includes('--write')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`docs/${name} differs from src/telemetry/names: run "npm run names".`);
    process.exitCode = 1;
  }
}

function metricsPage() {
  const metrics = Object.values(METRICS).map(({ name, type, unit, labels, help, act }) => [
    code(name),
    type,
    unit,
    labels.map(code).join(', '),
    help,
    act,
  ]);
  const events = Object.entries(PLUGIN_EVENTS).map(([name, { labels, help, act }]) => [
    code(name),
    labels.map(code).join(', '),
    help,
    act,
  ]);
  return `<!-- Written by npm run names from src/telemetry/names. -->

# Metrics

\`GET /metrics\` of the admin listener (\`gateway.admin.listen\`) has them in the Prometheus text format. Counters end in \`_total\`, and
a unit that is more than a count is part of the name. A histogram has \`_bucket\`, \`_sum\` and \`_count\`.

Labels mean the same everywhere, and the same as in the [access log](access-log.md): \`route\` is the name of the route, \`http_route\` the
path of the policy that matched (\`http.route\` in the access log), never the path of a request; \`none\` when there is none. \`code\`, \`reason\`
and \`end\` are codes of [errors](errors.md). No label has a tenant, a person, an address or a path that a client chose. A metric has at
most 5000 combinations of labels; further ones are counted together as \`other\`.

${table(['metric', 'type', 'unit', 'labels', 'what it tells', 'what to do'], metrics)}

## Events of plugins

\`fairlead_plugin_events_total{provider="…",event="…"}\`. A plugin of your own may count other events. A provider has at most 200
combinations; further ones are counted as \`other\`.

${table(['event', 'labels', 'what it tells', 'what to do'], events)}
`;
}

function accessLogPage() {
  const kinds = { both: 'both', exchange: 'request', connection: 'connection' };
  const fields = Object.entries(ACCESS_FIELDS).map(([name, { on, type, tells }]) => [
    code(name),
    kinds[on],
    type,
    tells,
  ]);
  return `<!-- Written by npm run names from src/telemetry/names. -->

# Access log

One JSON line for each request, and one for each passthrough connection, on standard output, written at its end. The system log goes to
standard error. A field without a value is left out. No line has a field value, a query, a body or a credential of a request. A text is cut
at 2048 characters.

${table(['field', 'lines of', 'type', 'what it tells'], fields)}
`;
}

function errorsPage(file) {
  const rows = Object.entries(CODE_TEXTS).map(([name, { means, act }]) => [code(name), means, act]);
  const texts = `<!-- codes: written by npm run names -->

${table(['code', 'what its page says', 'what to do'], rows)}

`;
  const whole = readFileSync(file, 'utf8');
  const [begin, end] = ['<!-- codes: written by npm run names -->', '<!-- /codes -->'].map((mark) =>
    whole.indexOf(mark),
  );
  if (begin === -1 || end < begin) throw new Error('docs/errors.md lacks the marks of its codes.');
  return reasonsIn(whole.slice(0, begin) + texts + whole.slice(end));
}

function reasonsIn(text) {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`docs/errors.md lacks ${BEGIN} … ${END}.`);
  const rows = (reasons) => Object.entries(reasons).map(([name, tells]) => [code(name), tells]);
  const head = ['reason', 'when'];
  const own = table(head, rows(REASONS));
  const plugins = table(head, rows(PLUGIN_REASONS));
  return `${text.slice(0, from)}${BEGIN}

${own}

Of the plugins that come with the gateway ([login](login.md#when-a-login-does-not-work) has the codes that login pages show):

${plugins}

${text.slice(to)}`;
}

function table(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map(escaped).join(' | ')} |`).join('\n');
}

function escaped(cell) {
  return cell.replaceAll('|', '\\|');
}

function code(text) {
  return `\`${text}\``;
}
