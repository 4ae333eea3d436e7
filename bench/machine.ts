import { cpus, loadavg, release, type as systemName } from 'node:os';

/** What a figure depends on, in one line. */
export function machineLine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? 'unknown processor';
  const system = `${systemName()} ${release()}`;
  const load = loadavg()[0]!.toFixed(2);
  return `${new Date().toISOString()}, ${model}, ${cores.length} cores, load ${load}, ${system}, Node ${process.version}`;
}
