// npm run measure: 100 MB each way at full speed and at 1 MB/s, and the gateway's peak memory. Two minutes.
// npm run measure spreading: what `balance: request` gains and costs. A minute.
// npm run measure two-sites: what fails when one of two sites does, or an entry router. Two minutes.
// npm run measure leaving: honest requests beside a client that leaves before each answer. Two minutes.
// npm run measure dripping: a thousand dripping bodies and heads beside an honest client. Two minutes.
// npm run measure when: what the dearest expressions of require.when cost. Half a minute.
// npm run measure crossed-files: the files of ours that one request runs through. Ten seconds.
// npm run measure reloads: a thousand reloads under traffic, failed requests and the heap. Two minutes.
// npm run measure shared-limits: gateways with one Redis against the bound of a limit, and while Redis is away. Seven minutes.
const MEASUREMENTS = {
  bulk: '../bench/measurements/bulk.ts',
  spreading: '../bench/measurements/spreading.ts',
  'two-sites': '../bench/measurements/two-sites.ts',
  dripping: '../bench/measurements/dripping.ts',
  when: '../bench/measurements/when.ts',
  'crossed-files': '../bench/measurements/crossed-files.ts',
  reloads: '../bench/measurements/reloads.ts',
  leaving: '../bench/measurements/leaving.ts',
  'shared-limits': '../bench/measurements/shared-limits.ts',
};

const [name = 'bulk'] = process.argv.slice(2);
if (!Object.hasOwn(MEASUREMENTS, name)) {
  const known = Object.keys(MEASUREMENTS).join(', ');
  console.error(`fairlead: unknown measurement "${name}"; there are ${known}.`);
  process.exit(1);
}
await import(MEASUREMENTS[name]);
